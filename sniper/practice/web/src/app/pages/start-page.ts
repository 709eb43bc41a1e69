import { ChangeDetectionStrategy, Component, inject } from '@angular/core';

import { Session } from '../session/session';
import { Venue } from '../venue/venue';

const SIGN_IN = '/sso/discovery?redirect=/oidc-callback';

@Component({
  selector: 'start-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <main class="page start">
      <section class="start-welcome">
        @if (session.note(); as note) {
          <p class="alert alert-warning" role="status" data-test-id="session-note">{{ note }}</p>
        }
        <h1 data-test-id="login-page-header">Sign in to {{ venue.config.name }}</h1>
        <p class="lead">
          Fitness slots and courts open at the full hour and are gone within a second. Rehearse here until your run goes
          the way it should.
        </p>
        <button type="button" class="btn btn-primary btn-large" data-test-id="oidc-login-button" (click)="signIn()">
          Sign in with your university account
        </button>
        <dl class="facts">
          <div><dt>Opens 72 h before</dt><dd>X1 and X3, one place in each of two courts</dd></div>
          <div><dt>Opens 168 h before</dt><dd>Fitness, sixty places an hour</dd></div>
          <div><dt>For each account</dt><dd>one booking an hour, one a location and day</dd></div>
        </dl>
      </section>

      @if (venue.config.demo_accounts.length > 0) {
        <section class="panel demo" aria-labelledby="demo-heading">
          <h2 id="demo-heading">Demo accounts</h2>
          <p class="muted">Made up for this rehearsal. They work nowhere else.</p>
          <div class="demo-list">
            <table class="table" data-test-id="demo-accounts">
              <thead>
                <tr><th scope="col">Username</th><th scope="col">Password</th></tr>
              </thead>
              <tbody>
                @for (account of venue.config.demo_accounts; track account.username) {
                  <tr><td><code>{{ account.username }}</code></td><td><code>{{ account.password }}</code></td></tr>
                }
              </tbody>
            </table>
          </div>
        </section>
      }
    </main>
  `,
})
export class StartPage {
  protected readonly session = inject(Session);
  protected readonly venue = inject(Venue);

  protected signIn(): void {
    location.assign(SIGN_IN);
  }
}
