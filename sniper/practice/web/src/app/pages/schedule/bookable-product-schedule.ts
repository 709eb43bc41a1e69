import { ChangeDetectionStrategy, Component, computed, inject, output, signal } from '@angular/core';

import { Api } from '../../api/api';
import { Tag } from '../../api/wire';
import { Clock } from '../../venue/clock';
import { Venue } from '../../venue/venue';
import { addDays } from '../../venue/venue-time';
import { BookableSlotList } from './bookable-slot-list';
import { Card } from './cards';
import { Schedule } from './schedule';
import { TagFilter } from './tag-filter';

/** As far ahead as anything opens: today and the seven days of Fitness. */
const DAYS_SHOWN = 8;

@Component({
  selector: 'bookable-product-schedule',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BookableSlotList, TagFilter],
  templateUrl: './bookable-product-schedule.html',
})
export class BookableProductSchedule {
  readonly book = output<Card>();

  protected readonly schedule = inject(Schedule);
  protected readonly tags = signal<Tag[]>([]);

  protected readonly heading = computed(() => this.noon(this.schedule.date(), (noon) => this.venue.time.longDay(noon)));
  protected readonly days = computed(() => {
    const today = this.today();
    return Array.from({ length: DAYS_SHOWN }, (_, ahead) => {
      const date = addDays(today, ahead);
      const [weekday = '', day = ''] = this.noon(date, (noon) => this.venue.time.day(noon)).split(/,? /);
      return { date, day, weekday: ahead === 0 ? 'Today' : weekday };
    });
  });

  private readonly api = inject(Api);
  private readonly venue = inject(Venue);
  private readonly clock = inject(Clock);
  private readonly today = computed(() => this.venue.time.date(this.clock.second()));

  constructor() {
    void this.schedule.load();
    void this.loadTags();
  }

  /** Every `change` loads anew, also one that changes nothing. */
  protected onDateChange(input: HTMLInputElement): void {
    if (input.value) void this.schedule.show(input.value);
    else input.value = this.schedule.date();
  }

  private noon(date: string, show: (noon: number) => string): string {
    return show(this.venue.time.instant(date, '12:00:00'));
  }

  private async loadTags(): Promise<void> {
    try {
      this.tags.set(await this.api.tags());
    } catch {
      // Without tags there is nothing to filter by; the list itself says when the site is away.
    }
  }
}
