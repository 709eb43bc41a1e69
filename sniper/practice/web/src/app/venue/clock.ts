import { effect, inject, Injectable, signal, untracked } from '@angular/core';

import { Api } from '../api/api';
import { Http } from '../api/http';
import { Config } from '../api/wire';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const RESYNC = 10 * SECOND;
/** Around a full hour the page asks for nothing of its own accord: then people book. */
const QUIET = 10 * SECOND;
/** `Date` has whole seconds; further off than this, the venue's clock has jumped. */
const JUMP = 2.5 * SECOND;

/** The venue's clock, which may be skewed and may jump ahead. */
@Injectable({ providedIn: 'root' })
export class Clock {
  /** The second now running at the venue, in ms. */
  readonly second = signal(0);

  private readonly api = inject(Api);
  private readonly http = inject(Http);
  private readonly offset = signal(0);
  private started = false;

  constructor() {
    effect(() => {
      const date = this.http.serverDate();
      if (date === null || !this.started) return;
      if (Math.abs(date - untracked(() => this.now())) > JUMP) void this.resync();
    });
  }

  now(): number {
    return monotonic() + this.offset();
  }

  /** Sets the clock by an answer that carries the venue's time. */
  async measure(ask: () => Promise<Config>): Promise<Config> {
    const asked = monotonic();
    const config = await ask();
    const now = Date.parse(config.now);
    this.offset.set(now - (asked + monotonic()) / 2);
    return config;
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    this.tick();
    setInterval(() => {
      const sinceHour = this.now() % HOUR;
      if (Math.min(sinceHour, HOUR - sinceHour) > QUIET) void this.resync();
    }, RESYNC);
  }

  private tick(): void {
    const now = this.now();
    this.second.set(now - (now % SECOND));
    setTimeout(() => this.tick(), SECOND - (now % SECOND) + 1);
  }

  private async resync(): Promise<void> {
    try {
      await this.measure(() => this.api.config());
    } catch {
      // The clock runs on as it was; the next round asks again.
    }
  }
}

/** A clock of our own that never steps. */
function monotonic(): number {
  return performance.timeOrigin + performance.now();
}
