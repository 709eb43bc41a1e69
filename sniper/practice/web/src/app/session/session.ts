import { computed, Injectable, signal } from '@angular/core';

import { Grant, Member } from '../api/wire';

const KEY = 'delcom_auth';

interface StoredSession extends Grant {
  isOidc: boolean;
  isLoggedIn: boolean;
}

/** Who is signed in: localStorage `delcom_auth`, and a signal that follows it. */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly member = computed<Member | null>(() => this.stored()?.member ?? null);
  readonly token = computed<string | null>(() => this.stored()?.tokenResponse.accessToken ?? null);

  /** Why the session ended, for the start page. */
  readonly note = signal<string | null>(null);

  private readonly stored = signal(read());

  constructor() {
    addEventListener('storage', ({ key }) => {
      if (key === KEY || key === null) this.stored.set(read());
    });
  }

  begin({ member, tokenResponse }: Grant): void {
    const session: StoredSession = { member, tokenResponse, isOidc: true, isLoggedIn: true };
    localStorage.setItem(KEY, JSON.stringify(session));
    this.stored.set(session);
    this.note.set(null);
  }

  end(note: string | null = null): void {
    localStorage.removeItem(KEY);
    this.stored.set(null);
    this.note.set(note);
  }
}

function read(): StoredSession | null {
  try {
    const session = JSON.parse(localStorage.getItem(KEY) ?? 'null') as StoredSession | null;
    return session?.isLoggedIn && session.member && session.tokenResponse?.accessToken ? session : null;
  } catch {
    return null;
  }
}
