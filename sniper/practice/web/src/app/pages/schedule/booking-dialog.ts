import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Api } from '../../api/api';
import { Refusal } from '../../api/http';
import { BOOKED } from '../../api/wire';
import { Session } from '../../session/session';
import { ModalContainer } from '../../ui/modal-container';
import { Card, SubLocation } from './cards';
import { ProductSelectInput } from './product-select-input';

/** Books the slot of a card, after a choice where there is one. A refusal leaves the dialog as it is. */
@Component({
  selector: 'booking-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ModalContainer, ProductSelectInput, RouterLink],
  templateUrl: './booking-dialog.html',
})
export class BookingDialog {
  readonly card = input.required<Card>();
  /** Closed; whether something was booked. */
  readonly closed = output<boolean>();

  protected readonly chosen = linkedSignal<SubLocation | null>(() => onlyOne(this.card().subLocations));
  protected readonly state = signal<'asking' | 'sending' | 'booked' | 'waiting'>('asking');
  protected readonly refusal = signal<string | null>(null);
  protected readonly isDone = computed(() => this.state() === 'booked' || this.state() === 'waiting');

  private readonly slot = computed(() => {
    const { subLocations, slot } = this.card();
    return subLocations.length > 0 ? (this.chosen()?.slot ?? null) : slot;
  });
  protected readonly canConfirm = computed(() => this.slot() !== null && this.state() === 'asking');

  private readonly api = inject(Api);
  private readonly session = inject(Session);

  protected async confirm(): Promise<void> {
    const slot = this.slot();
    if (!slot || this.state() !== 'asking') return;
    this.state.set('sending');
    this.refusal.set(null);
    try {
      const { status } = await this.api.book(slot, this.session.member()?.id ?? 0);
      this.state.set(status === BOOKED ? 'booked' : 'waiting');
    } catch (error) {
      this.refusal.set(reasonOf(error));
      this.state.set('asking');
    }
  }

  protected close(): void {
    this.closed.emit(this.isDone());
  }
}

function onlyOne(subLocations: SubLocation[]): SubLocation | null {
  const [only, ...others] = subLocations;
  return only && others.length === 0 ? only : null;
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal && error.status === 0) {
    return 'The site did not answer. Look at your bookings before you try again: it may have booked all the same.';
  }
  return error instanceof Error ? error.message : String(error);
}
