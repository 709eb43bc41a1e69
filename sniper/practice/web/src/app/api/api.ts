import { inject, Injectable } from '@angular/core';

import { Http } from './http';
import { Config, Grant, Page, Participation, Registration, Slot, SlotPage, Tag } from './wire';

const ORGANIZATION_ID = 1;
const PAGE_SIZE = 200;

export interface SlotQuery {
  startDate: string;
  endDate: string;
  tagIds: number[];
}

/** The site's API, a method a call. */
@Injectable({ providedIn: 'root' })
export class Api {
  private readonly http = inject(Http);

  config(): Promise<Config> {
    return this.http.send('GET', 'config');
  }

  token(code: string): Promise<Grant> {
    return this.http.send('POST', 'auth/token', { body: { code } });
  }

  async tags(): Promise<Tag[]> {
    return (await this.http.send<{ data: Tag[] }>('GET', 'tags')).data;
  }

  async slots({ startDate, endDate, tagIds }: SlotQuery, signal: AbortSignal): Promise<{ slots: Slot[]; redrawEveryMs: number }> {
    const s = JSON.stringify({ startDate, endDate, ...(tagIds.length > 0 && { tagIds: { $in: tagIds } }) });
    const slots: Slot[] = [];
    let redrawEveryMs = 0;
    for (let page = 1, pages = 1; page <= pages; page++) {
      const query = new URLSearchParams({ s, page: `${page}`, limit: `${PAGE_SIZE}` });
      const answer = await this.http.send<SlotPage>('GET', `bookable-slots?${query}`, { signal });
      slots.push(...answer.data);
      pages = answer.pageCount;
      redrawEveryMs = answer.redrawEveryMs ?? 0;
    }
    return { slots, redrawEveryMs };
  }

  book(slot: Slot, memberId: number): Promise<Registration> {
    const { startDate, endDate, bookingId, bookableProductId, linkedProductId } = slot;
    const body = {
      organizationId: ORGANIZATION_ID,
      memberId,
      bookingId,
      primaryPurchaseMessage: null,
      secondaryPurchaseMessage: null,
      params: {
        startDate,
        endDate,
        bookableProductId,
        bookableLinkedProductId: linkedProductId,
        bookingId,
        invitedMemberEmails: [],
        invitedGuests: [],
        invitedOthers: [],
        clickedOnBook: true,
      },
      dateOfRegistration: null,
    };
    return this.http.send('POST', 'participations', { body, signedIn: true });
  }

  async participations(memberId: number): Promise<Participation[]> {
    const query = new URLSearchParams({ s: JSON.stringify({ $or: [{ memberId }] }) });
    const answer = await this.http.send<Page<Participation>>('GET', `participations?${query}`, { signedIn: true });
    return answer.data;
  }

  cancel(participationId: number): Promise<{ id: number }> {
    return this.http.send('DELETE', `participations/${participationId}`, { signedIn: true });
  }
}
