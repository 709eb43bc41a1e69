import { NgTemplateOutlet } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, model, signal } from '@angular/core';

import { Tag } from '../../api/wire';

interface TagGroup {
  name: string;
  testId: string;
  tags: Tag[];
}

/** Chooses tags. A search narrows what is listed and leaves a collapsed group collapsed. */
@Component({
  selector: 'tag-filter',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [NgTemplateOutlet],
  templateUrl: './tag-filter.html',
  host: {
    class: 'tag-filter',
    '(keydown.escape)': 'close()',
    '(document:mousedown)': 'closeOutside($event)',
    '(focusout)': 'closeWhenLeft($event)',
  },
})
export class TagFilter {
  readonly tags = input.required<Tag[]>();
  readonly chosen = model.required<readonly number[]>();

  protected readonly isOpen = signal(false);
  protected readonly search = signal('');
  protected readonly expanded = signal<ReadonlySet<string>>(new Set());

  protected readonly matches = computed(() => {
    const term = this.search().trim().toLowerCase();
    return this.tags().filter(({ name }) => name.toLowerCase().includes(term));
  });
  protected readonly loose = computed(() => this.matches().filter(({ group }) => group === null));
  protected readonly groups = computed(() => groupsOf(this.matches()));
  protected readonly chosenTags = computed(() => this.tags().filter(({ id }) => this.chosen().includes(id)));

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;

  protected open(): void {
    this.isOpen.set(true);
  }

  protected close(): void {
    this.isOpen.set(false);
    this.search.set('');
    this.expanded.set(new Set());
  }

  protected closeOutside({ target }: MouseEvent): void {
    if (this.isOpen() && target instanceof Node && !this.host.contains(target)) this.close();
  }

  protected closeWhenLeft({ relatedTarget }: FocusEvent): void {
    if (this.isOpen() && relatedTarget instanceof Node && !this.host.contains(relatedTarget)) this.close();
  }

  protected type(term: string): void {
    this.search.set(term);
    this.open();
  }

  protected toggleGroup(name: string): void {
    const expanded = new Set(this.expanded());
    if (!expanded.delete(name)) expanded.add(name);
    this.expanded.set(expanded);
  }

  protected toggle(id: number): void {
    const chosen = this.chosen();
    this.chosen.set(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  }
}

function groupsOf(tags: Tag[]): TagGroup[] {
  const groups = new Map<string, Tag[]>();
  for (const tag of tags) {
    if (tag.group !== null) groups.set(tag.group, [...(groups.get(tag.group) ?? []), tag]);
  }
  return [...groups].map(([name, members]) => ({
    name,
    testId: `tag-group-${name.toLowerCase().replaceAll(' ', '-')}`,
    tags: members,
  }));
}
