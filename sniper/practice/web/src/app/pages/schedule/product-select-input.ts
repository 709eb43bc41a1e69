import { ChangeDetectionStrategy, Component, computed, inject, input, model, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { FormsModule } from '@angular/forms';
import { NgSelectComponent } from '@ng-select/ng-select';
import { asyncScheduler, observeOn, Subject } from 'rxjs';

import { Venue } from '../../venue/venue';
import { SubLocation } from './cards';
import { OTHER_SPACES } from './other-spaces';

interface Option {
  label: string;
  disabled: boolean;
  subLocation: SubLocation | null;
}

/** The picker of a sub-location, an ng-select as awkward as the venue's settings want it. */
@Component({
  selector: 'product-select-input',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FormsModule, NgSelectComponent],
  template: `
    <label class="form-label" for="sub-location">Sub-location</label>
    <ng-select
      labelForId="sub-location"
      bindLabel="label"
      placeholder="Choose a sub-location"
      typeToSearchText="Type to search"
      [items]="listed()"
      [ngModel]="selected()"
      (ngModelChange)="choose($event)"
      [clearable]="false"
      [markFirst]="false"
      [searchable]="picker.search || picker.typeahead"
      [appendTo]="picker.append_to_body ? 'body' : ''"
      [virtualScroll]="picker.virtual_scroll"
      [typeahead]="terms!"
      [minTermLength]="terms ? 1 : 0"
      [loading]="searching()"
    />
  `,
})
export class ProductSelectInput {
  readonly subLocations = input.required<SubLocation[]>();
  readonly chosen = model.required<SubLocation | null>();

  protected readonly picker = inject(Venue).config.ui.picker;
  /** What is typed into a typeahead; it lists nothing until then. */
  protected readonly terms = this.picker.typeahead ? new Subject<string>() : undefined;
  protected readonly searching = signal(false);

  private readonly options = computed(() => {
    const options = this.subLocations().map((subLocation): Option => ({ label: subLocation.name, disabled: subLocation.full, subLocation }));
    if (!this.picker.virtual_scroll) return options;
    const others = OTHER_SPACES.map((label): Option => ({ label, disabled: true, subLocation: null }));
    return [...others, ...options].sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true }));
  });
  private readonly found = signal<Option[]>([]);

  protected readonly listed = computed(() => (this.terms ? this.found() : this.options()));
  protected readonly selected = computed(() => this.options().find(({ subLocation }) => subLocation && subLocation === this.chosen()) ?? null);

  constructor() {
    // A typeahead's answers come later, as from a server: never within the keystroke.
    this.terms?.pipe(observeOn(asyncScheduler), takeUntilDestroyed()).subscribe((term) => this.find(term));
  }

  protected choose(option: Option | null): void {
    this.chosen.set(option?.subLocation ?? null);
  }

  private find(term: string | null): void {
    const wanted = term?.trim().toLowerCase();
    this.found.set(wanted ? this.options().filter(({ label }) => label.toLowerCase().includes(wanted)) : []);
  }
}
