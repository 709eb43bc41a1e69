import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';

import { Clock } from './clock';
import { Venue } from './venue';

const HOUR = 3600 * 1000;
const FIRST_START = 7;
const LAST_START = 22;

/** The time at the venue, and how long until slots open next: at every full hour at which a slot can start. */
@Component({
  selector: 'venue-clock',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <time class="venue-clock-now" data-test-id="venue-clock" [title]="venue.time.timezone">{{ time() }}</time>
    <span class="venue-clock-next">
      {{ opening() }} opens in <span class="venue-clock-countdown" data-test-id="next-opening-countdown">{{ countdown() }}</span>
    </span>
  `,
  host: { class: 'venue-clock', role: 'group', 'aria-label': 'Clock of the venue' },
})
export class VenueClock {
  protected readonly venue = inject(Venue);
  private readonly clock = inject(Clock);

  private readonly next = computed(() => {
    let hour = (Math.floor(this.clock.second() / HOUR) + 1) * HOUR;
    while (this.venue.time.hour(hour) < FIRST_START || this.venue.time.hour(hour) > LAST_START) hour += HOUR;
    return hour;
  });

  protected readonly time = computed(() => this.venue.time.clockSeconds(this.clock.second()));
  protected readonly opening = computed(() => this.venue.time.clock(this.next()));
  protected readonly countdown = computed(() => duration(this.next() - this.clock.second()));
}

/** `12:05`, or `1:12:05` from an hour on. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => `${value}`.padStart(2, '0');
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`;
}
