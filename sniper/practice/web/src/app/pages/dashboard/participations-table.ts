import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Api } from '../../api/api';
import { Participation, WAITING } from '../../api/wire';
import { Session } from '../../session/session';
import { Venue } from '../../venue/venue';
import { CancelDialog } from './cancel-dialog';

export interface Row {
  id: number;
  status: number;
  startDate: string;
  /** `2026-11-24` */
  date: string;
  /** `Tue, 24 Nov 2026` */
  day: string;
  time: string;
  endTime: string;
  location: string;
  subLocation: string;
  isWaiting: boolean;
}

/** One's own participations, each of which can be cancelled. */
@Component({
  selector: 'participations-table',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CancelDialog, RouterLink],
  templateUrl: './participations-table.html',
})
export class ParticipationsTable {
  protected readonly rows = signal<Row[] | null>(null);
  protected readonly failure = signal<string | null>(null);
  protected readonly cancelling = signal<Row | null>(null);

  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly time = inject(Venue).time;

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      const participations = await this.api.participations(this.session.member()?.id ?? 0);
      this.rows.set(participations.map((participation) => this.rowOf(participation)));
    } catch (error) {
      this.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  protected close(changed: boolean): void {
    this.cancelling.set(null);
    if (changed) void this.load();
  }

  private rowOf({ id, status, startDate, endDate, product, linkedProduct }: Participation): Row {
    const start = Date.parse(startDate);
    return {
      id,
      status,
      startDate,
      date: this.time.date(start),
      day: this.time.day(start),
      time: this.time.clock(start),
      endTime: this.time.clock(Math.ceil(Date.parse(endDate) / 60_000) * 60_000),
      location: product.description,
      subLocation: linkedProduct?.description ?? '',
      isWaiting: status === WAITING,
    };
  }
}
