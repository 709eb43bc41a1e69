import { Slot } from '../../api/wire';
import { VenueTime } from '../../venue/venue-time';

export interface SubLocation {
  /** `X1 A` */
  name: string;
  /** `A` */
  shortName: string;
  full: boolean;
  slot: Slot;
}

/** What one card of the list shows: one slot, or all slots of one location and start. */
export interface Card {
  start: number;
  time: string;
  endTime: string;
  day: string;
  title: string;
  location: string;
  /** The slot that is booked where there is nothing to pick. */
  slot: Slot;
  subLocations: SubLocation[];
  spots: number;
  spotsLeft: number;
  full: boolean;
  open: boolean;
  past: boolean;
  /** `Sat 13:00` */
  opens: string;
}

export function cardsOf(slots: Slot[], by: 'location' | 'slot', time: VenueTime, now: number): Card[] {
  const groups = new Map<string, [Slot, ...Slot[]]>();
  for (const slot of slots) {
    const key = [slot.startDate, slot.bookableProductId, by === 'slot' ? slot.linkedProductId : ''].join(' ');
    const group = groups.get(key);
    if (group) group.push(slot);
    else groups.set(key, [slot]);
  }
  return [...groups.values()]
    .map((group) => cardOf(group, by, time, now))
    .sort((one, other) => one.start - other.start || one.title.localeCompare(other.title));
}

function cardOf(slots: [Slot, ...Slot[]], by: 'location' | 'slot', time: VenueTime, now: number): Card {
  const [slot] = slots;
  const start = Date.parse(slot.startDate);
  const location = slot.product.description;
  const subLocations = slots.flatMap((each) => subLocationOf(each) ?? []);
  subLocations.sort((one, other) => one.name.localeCompare(other.name));
  const spotsLeft = slots.reduce((sum, each) => sum + Math.max(0, each.spotsLeft), 0);
  return {
    start,
    time: time.clock(start),
    // The wire's end is the last second of the hour.
    endTime: time.clock(Math.ceil(Date.parse(slot.endDate) / 60_000) * 60_000),
    day: time.longDay(start),
    title: by === 'slot' ? (slot.linkedProduct?.description ?? location) : location,
    location,
    slot,
    subLocations,
    spots: slots.reduce((sum, each) => sum + each.spots, 0),
    spotsLeft,
    full: spotsLeft === 0,
    open: slots.some((each) => each.isOpen),
    past: start <= now,
    opens: time.weekdayClock(Date.parse(slot.availableFrom)),
  };
}

function subLocationOf(slot: Slot): SubLocation | null {
  if (!slot.linkedProduct) return null;
  const name = slot.linkedProduct.description;
  const location = slot.product.description;
  const shortName = name.startsWith(`${location} `) ? name.slice(location.length + 1) : name;
  return { name, shortName, full: slot.spotsLeft <= 0, slot };
}
