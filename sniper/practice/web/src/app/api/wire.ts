/** What goes over the wire, as docs/practice-site.md has it. All times are UTC: `2026-11-24T12:00:00.000Z`. */

export interface Picker {
  search: boolean;
  append_to_body: boolean;
  virtual_scroll: boolean;
  typeahead: boolean;
}

export interface Config {
  name: string;
  timezone: string;
  rehearsal: true;
  /** The venue's clock. */
  now: string;
  ui: { mode: 'strict' | 'lenient'; cards: 'location' | 'slot'; picker: Picker };
  session_delay_ms: number;
  demo_accounts: { username: string; password: string }[];
}

export interface Member {
  id: number;
  firstName: string;
  lastName: string;
  email: string;
}

export interface TokenResponse {
  accessToken: string;
  tokenType: 'Bearer';
  expiresIn: number;
  idToken: string;
  refreshToken: string;
  issuedAt: number | string;
}

export interface Grant {
  member: Member;
  tokenResponse: TokenResponse;
}

export interface Tag {
  id: number;
  name: string;
  group: string | null;
}

export interface Described {
  id: number;
  description: string;
}

export interface Slot {
  bookingId: number | null;
  bookableProductId: number;
  linkedProductId: number | null;
  startDate: string;
  endDate: string;
  isAvailable: boolean;
  isOpen: boolean;
  availableFrom: string;
  spotsLeft: number;
  spots: number;
  booking: { id: number } | null;
  product: Described;
  linkedProduct: Described | null;
}

export interface Page<Item> {
  data: Item[];
  page: number;
  count: number;
  total: number;
  pageCount: number;
}

/** `status` of a participation. */
export const BOOKED = 1;
export const WAITING = 3;

export interface Registration {
  id: number;
  status: number;
}

export interface SlotPage extends Page<Slot> {
  /** A fault that is rehearsed: the page draws the list anew so often, with nothing changed. */
  redrawEveryMs?: number;
}

export interface Participation extends Registration {
  memberId: number;
  dateOfRegistration: string;
  startDate: string;
  endDate: string;
  product: Described;
  linkedProduct: Described | null;
}
