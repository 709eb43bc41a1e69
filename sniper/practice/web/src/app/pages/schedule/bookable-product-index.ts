import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';

import { BookableProductSchedule } from './bookable-product-schedule';
import { BookingDialog } from './booking-dialog';
import { Card } from './cards';
import { Schedule } from './schedule';

/** The schedule page: the list, and over it the dialog of the card that is being booked. */
@Component({
  selector: 'bookable-product-index',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BookableProductSchedule, BookingDialog],
  providers: [Schedule],
  template: `
    <bookable-product-schedule (book)="booking.set($event)" />
    @if (booking(); as card) {
      <booking-dialog [card]="card" (closed)="close($event)" />
    }
  `,
  host: { class: 'page', role: 'main' },
})
export class BookableProductIndex {
  protected readonly booking = signal<Card | null>(null);
  private readonly schedule = inject(Schedule);

  protected close(changed: boolean): void {
    this.booking.set(null);
    if (changed) void this.schedule.load();
  }
}
