import { ChangeDetectionStrategy, Component, inject, OnInit, signal } from '@angular/core';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { Api } from '../api/api';
import { Session } from '../session/session';
import { Venue } from '../venue/venue';

/** Swaps the one-time code for a token; the session appears a while after the page, as it does on the real site. */
@Component({
  selector: 'callback-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink],
  template: `
    <main class="page page-narrow">
      <div class="panel empty">
        @if (failure(); as failure) {
          <h1>Signing in did not work</h1>
          <p role="alert" data-test-id="callback-error">{{ failure }}</p>
          <a class="btn btn-primary" routerLink="/">Back to the start</a>
        } @else {
          <i class="spinner" aria-hidden="true"></i>
          <h1>Signing you in…</h1>
          <p class="muted" role="status">One moment, please.</p>
        }
      </div>
    </main>
  `,
})
export class CallbackPage implements OnInit {
  protected readonly failure = signal<string | null>(null);

  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly venue = inject(Venue);
  private readonly code = inject(ActivatedRoute).snapshot.queryParamMap.get('code');

  async ngOnInit(): Promise<void> {
    const shown = after(this.venue.config.session_delay_ms);
    if (!this.code) {
      this.failure.set('The sign-in came back without a code.');
      return;
    }
    try {
      const grant = await this.api.token(this.code);
      await shown;
      this.session.begin(grant);
      await this.router.navigateByUrl('/dashboard', { replaceUrl: true });
    } catch (error) {
      this.failure.set(error instanceof Error ? error.message : String(error));
    }
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
