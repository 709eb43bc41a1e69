import { computed, DestroyRef, inject, Injectable, signal } from '@angular/core';

import { Api } from '../../api/api';
import { Clock } from '../../venue/clock';
import { Venue } from '../../venue/venue';
import { addDays } from '../../venue/venue-time';
import { Card, cardsOf } from './cards';

/** The day and the tags that are looked at, and the cards that came of it. The latest request wins. */
@Injectable()
export class Schedule {
  readonly date = signal(inject(Venue).today);
  readonly tagIds = signal<readonly number[]>([]);

  readonly cards = signal<Card[]>([]);
  readonly loading = signal(false);
  readonly failure = signal<string | null>(null);
  readonly isEmpty = computed(() => !this.loading() && this.failure() === null && this.cards().length === 0);

  private readonly api = inject(Api);
  private readonly clock = inject(Clock);
  private readonly venue = inject(Venue);
  private latest: AbortController | null = null;
  private redraws: ReturnType<typeof setInterval> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => clearInterval(this.redraws));
  }

  show(date: string): Promise<void> {
    this.date.set(date);
    return this.load();
  }

  move(days: number): Promise<void> {
    return this.show(addDays(this.date(), days));
  }

  filter(tagIds: readonly number[]): Promise<void> {
    this.tagIds.set(tagIds);
    return this.load();
  }

  async load(): Promise<void> {
    this.latest?.abort();
    clearInterval(this.redraws);
    const { signal } = (this.latest = new AbortController());
    this.loading.set(true);
    this.failure.set(null);
    this.cards.set([]);

    const { config, time } = this.venue;
    try {
      const { slots, redrawEveryMs } = await this.api.slots({ ...time.wholeDay(this.date()), tagIds: [...this.tagIds()] }, signal);
      this.cards.set(cardsOf(slots, config.ui.cards, time, this.clock.now()));
      this.loading.set(false);
      // New objects, so that all of the list is drawn anew.
      if (redrawEveryMs) this.redraws = setInterval(() => this.cards.update((cards) => cards.map((card) => ({ ...card }))), redrawEveryMs);
    } catch (error) {
      if (signal.aborted) return;
      this.failure.set(error instanceof Error ? error.message : String(error));
      this.loading.set(false);
    }
  }
}
