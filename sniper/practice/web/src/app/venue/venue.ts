import { inject, Injectable, signal } from '@angular/core';

import { Api } from '../api/api';
import { Config } from '../api/wire';
import { Clock } from './clock';
import { VenueTime } from './venue-time';

/** The venue's settings, read once before the first page. */
@Injectable({ providedIn: 'root' })
export class Venue {
  /** Why the settings could not be read. */
  readonly failure = signal<string | null>(null);

  private readonly api = inject(Api);
  private readonly clock = inject(Clock);
  private loaded: { config: Config; time: VenueTime } | null = null;

  get config(): Config {
    return this.settings.config;
  }

  get time(): VenueTime {
    return this.settings.time;
  }

  /** Today, at the venue. */
  get today(): string {
    return this.time.date(this.clock.now());
  }

  async load(): Promise<void> {
    try {
      const config = await this.clock.measure(() => this.api.config());
      this.loaded = { config, time: new VenueTime(config.timezone) };
      this.clock.start();
    } catch (error) {
      this.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  private get settings() {
    if (!this.loaded) throw new Error('The settings of the venue have not been read.');
    return this.loaded;
  }
}
