import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Session } from '../../session/session';
import { ParticipationsTable } from './participations-table';

@Component({
  selector: 'dashboard-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ParticipationsTable, RouterLink],
  template: `
    <div class="page-heading page-heading-split">
      <div>
        <h1>My bookings</h1>
        @if (session.member(); as member) {
          <p class="lead">{{ member.firstName }} {{ member.lastName }} · {{ member.email }}</p>
        }
      </div>
      <a class="btn btn-primary" routerLink="/products/bookable-product-schedule">Book a slot</a>
    </div>
    <participations-table />
  `,
  host: { class: 'page', role: 'main' },
})
export class DashboardPage {
  protected readonly session = inject(Session);
}
