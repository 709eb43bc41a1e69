import { ChangeDetectionStrategy, Component, inject, input, output, signal } from '@angular/core';

import { Api } from '../../api/api';
import { ModalContainer } from '../../ui/modal-container';
import type { Row } from './participations-table';

/** Asks before a participation is cancelled. */
@Component({
  selector: 'cancel-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ModalContainer],
  template: `
    <modal-container labelledBy="cancel-title" [dismissible]="!sending()" (dismissed)="closed.emit(refusal() !== null)">
      <div class="modal-header">
        <h2 id="cancel-title" class="modal-title">Cancel this booking?</h2>
      </div>
      <div class="modal-body">
        <p>
          <strong>{{ row().subLocation || row().location }}</strong>, {{ row().day }}, {{ row().time }} – {{ row().endTime }}.
          The place is free for others at once.
        </p>
        @if (refusal(); as reason) {
          <div class="alert alert-danger" role="alert" data-test-id="cancel-error">{{ reason }}</div>
        }
      </div>
      <div class="modal-footer">
        <button type="button" class="btn btn-quiet" data-test-id="cancel-dismiss-button" (click)="closed.emit(refusal() !== null)">Keep it</button>
        <button type="button" class="btn btn-danger" data-test-id="cancel-confirm-button" [disabled]="sending()" (click)="confirm()">Cancel booking</button>
      </div>
    </modal-container>
  `,
})
export class CancelDialog {
  readonly row = input.required<Row>();
  /** Closed; whether the list may have changed. */
  readonly closed = output<boolean>();

  protected readonly sending = signal(false);
  protected readonly refusal = signal<string | null>(null);

  private readonly api = inject(Api);

  protected async confirm(): Promise<void> {
    if (this.sending()) return;
    this.sending.set(true);
    this.refusal.set(null);
    try {
      await this.api.cancel(this.row().id);
      this.closed.emit(true);
    } catch (error) {
      this.refusal.set(error instanceof Error ? error.message : String(error));
      this.sending.set(false);
    }
  }
}
