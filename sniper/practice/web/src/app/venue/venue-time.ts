const DAY = 24 * 60 * 60 * 1000;

/**
 * The venue's calendar and wall clock: instants (ms) to what is shown, and local dates to instants.
 * The browser's own time zone is never asked.
 */
export class VenueTime {
  private readonly parts: Intl.DateTimeFormat;
  private readonly clockFormat: Intl.DateTimeFormat;
  private readonly secondsFormat: Intl.DateTimeFormat;
  private readonly weekdayFormat: Intl.DateTimeFormat;
  private readonly dayFormat: Intl.DateTimeFormat;
  private readonly longDayFormat: Intl.DateTimeFormat;

  constructor(readonly timezone: string) {
    const format = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hourCycle: 'h23', ...options });
    const time = { hour: '2-digit', minute: '2-digit' } as const;
    const seconds = { ...time, second: '2-digit' } as const;
    this.parts = format({ year: 'numeric', month: '2-digit', day: '2-digit', ...seconds });
    this.clockFormat = format(time);
    this.secondsFormat = format(seconds);
    this.weekdayFormat = format({ weekday: 'short' });
    this.dayFormat = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
    this.longDayFormat = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  }

  /** `13:00` */
  clock(instant: number): string {
    return this.clockFormat.format(instant);
  }

  /** `13:00:05` */
  clockSeconds(instant: number): string {
    return this.secondsFormat.format(instant);
  }

  /** `Sat 13:00` */
  weekdayClock(instant: number): string {
    return `${this.weekdayFormat.format(instant)} ${this.clock(instant)}`;
  }

  /** `Tue, 24 Nov 2026` */
  day(instant: number): string {
    return this.dayFormat.format(instant);
  }

  /** `Tuesday 24 November 2026` */
  longDay(instant: number): string {
    return this.longDayFormat.format(instant);
  }

  /** `2026-11-24` */
  date(instant: number): string {
    return new Date(this.wall(instant)).toISOString().slice(0, 10);
  }

  /** The hour on the venue's wall, 0 to 23. */
  hour(instant: number): number {
    return new Date(this.wall(instant)).getUTCHours();
  }

  /** A local date from its first to its last second, as the wire has it; 23, 24 or 25 hours long. */
  wholeDay(date: string): { startDate: string; endDate: string } {
    return {
      startDate: new Date(this.instant(date, '00:00:00')).toISOString(),
      endDate: new Date(this.instant(date, '23:59:59')).toISOString(),
    };
  }

  /** The instant of a local date and time; of one that a clock change skips, the instant that much later. */
  instant(date: string, time: string): number {
    const wall = Date.parse(`${date}T${time}Z`);
    const before = this.wall(wall - DAY) - (wall - DAY);
    const after = this.wall(wall + DAY) - (wall + DAY);
    const early = wall - Math.max(before, after);
    return this.wall(early) === wall ? early : wall - Math.min(before, after);
  }

  /** The wall clock read as if it were UTC. */
  private wall(instant: number): number {
    const read: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.parts.formatToParts(instant)) read[type] = value;
    const year = read.year?.padStart(4, '0');
    return Date.parse(`${year}-${read.month}-${read.day}T${read.hour}:${read.minute}:${read.second}Z`);
  }
}

/** `2026-11-24` moved by so many days. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}
