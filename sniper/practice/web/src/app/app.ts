import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';

import { Session } from './session/session';
import { Venue } from './venue/venue';
import { VenueClock } from './venue/venue-clock';

/** What every page has: the rehearsal banner, the way around, the venue's clock. */
@Component({
  selector: 'practice-app',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, RouterLinkActive, RouterOutlet, VenueClock],
  template: `
    <div class="rehearsal" role="note" data-test-id="rehearsal-banner">
      <strong>REHEARSAL</strong> – practice site <span class="wide-only">· nothing booked here is real</span>
    </div>

    @if (venue.failure(); as failure) {
      <main class="page page-narrow">
        <div class="panel empty" role="alert">
          <h1>The practice site is not answering</h1>
          <p>{{ failure }}</p>
          <button type="button" class="btn btn-primary" (click)="reload()">Try again</button>
        </div>
      </main>
    } @else {
      <header class="site-header">
        <div class="site-header-inner">
          <a class="brand" routerLink="/" aria-label="Home"><i class="brand-mark"></i><span class="wide-only">{{ venue.config.name }}</span></a>
          @if (session.member(); as member) {
            <nav class="site-nav" aria-label="Main">
              <a routerLink="/products/bookable-product-schedule" routerLinkActive="active" ariaCurrentWhenActive="page">Schedule</a>
              <a routerLink="/dashboard" routerLinkActive="active" ariaCurrentWhenActive="page">My bookings</a>
            </nav>
          }
          <venue-clock />
          @if (session.member(); as member) {
            <div class="member">
              <span class="member-name wide-only" data-test-id="member-name">{{ member.firstName }} {{ member.lastName }}</span>
              <button type="button" class="btn btn-quiet btn-small" data-test-id="logout-button" (click)="signOut()">Sign out</button>
            </div>
          }
        </div>
      </header>

      <router-outlet />
    }
  `,
})
export class App {
  protected readonly session = inject(Session);
  protected readonly venue = inject(Venue);
  private readonly router = inject(Router);

  protected signOut(): void {
    this.session.end('You have signed out.');
    void this.router.navigateByUrl('/');
  }

  protected reload(): void {
    location.reload();
  }
}
