import { ChangeDetectionStrategy, Component, inject, input, output, signal } from '@angular/core';

import { Venue } from '../../venue/venue';
import { Card } from './cards';

/** The cards. They are new objects after every load, so all of the list is drawn anew. */
@Component({
  selector: 'bookable-slot-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './bookable-slot-list.html',
})
export class BookableSlotList {
  readonly cards = input.required<Card[]>();
  readonly book = output<Card>();

  /** The card that was pressed too early. */
  protected readonly tooEarly = signal<Card | null>(null);

  private readonly isStrict = inject(Venue).config.ui.mode === 'strict';

  protected press(card: Card): void {
    if (this.isStrict && !card.open) {
      this.tooEarly.set(card);
    } else {
      this.book.emit(card);
    }
  }
}
