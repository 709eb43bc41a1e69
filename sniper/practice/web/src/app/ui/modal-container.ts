import { afterNextRender, ChangeDetectionStrategy, Component, DestroyRef, ElementRef, inject, input, output, viewChild } from '@angular/core';

const FOCUSABLE = 'button:not([disabled]), input:not([disabled]), a[href], select, textarea';

/**
 * A dialog over the page: takes the focus and keeps it, gives it back, closes on Escape and on the backdrop.
 * Not a native `<dialog>`, whose top layer would lie over a picker's panel that is appended to body.
 */
@Component({
  selector: 'modal-container',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="modal-dialog">
      <div #content class="modal-content" role="dialog" aria-modal="true" tabindex="-1" [attr.aria-labelledby]="labelledBy()">
        <ng-content />
      </div>
    </div>
  `,
  host: {
    class: 'modal show',
    '(mousedown)': 'closeOnBackdrop($event)',
  },
})
export class ModalContainer {
  /** The id of the dialog's heading. */
  readonly labelledBy = input.required<string>();
  /** Whether Escape and the backdrop close it. */
  readonly dismissible = input(true);
  readonly dismissed = output();

  private readonly content = viewChild.required<ElementRef<HTMLElement>>('content');

  constructor() {
    const opener = document.activeElement;
    const onKeydown = (event: KeyboardEvent) => this.onKeydown(event);
    // While capturing: a picker closes its panel on Escape, and afterwards nobody can tell that it was open.
    document.addEventListener('keydown', onKeydown, { capture: true });
    inject(DestroyRef).onDestroy(() => {
      document.removeEventListener('keydown', onKeydown, { capture: true });
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    });
    afterNextRender(() => this.content().nativeElement.focus({ preventScroll: true }));
  }

  protected closeOnBackdrop({ target, currentTarget }: MouseEvent): void {
    const onBackdrop = target === currentTarget || (target instanceof Element && target.matches('.modal-dialog'));
    if (onBackdrop && this.dismissible()) this.dismissed.emit();
  }

  private onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Tab') this.keepFocus(event);
    if (event.key !== 'Escape' || !this.dismissible()) return;
    const pickerIsOpen = this.content().nativeElement.querySelector('[role=combobox][aria-expanded=true]');
    if (!pickerIsOpen) this.dismissed.emit();
  }

  private keepFocus(event: KeyboardEvent): void {
    const content = this.content().nativeElement;
    const stops = [...content.querySelectorAll<HTMLElement>(FOCUSABLE)];
    const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
    const focused = document.activeElement;
    if (focused !== last && content.contains(focused) && focused !== content) return;
    event.preventDefault();
    first?.focus();
  }
}
