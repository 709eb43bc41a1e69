import { inject, Injectable, signal } from '@angular/core';
import { Router } from '@angular/router';

import { Session } from '../session/session';

/** What the site said instead of yes; `status` 0 when it said nothing at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Call {
  body?: unknown;
  signal?: AbortSignal;
  /** Send the session's token, and end the session when the site no longer takes it. */
  signedIn?: boolean;
}

/** One JSON request to the site, and the one place that knows what its refusals look like. */
@Injectable({ providedIn: 'root' })
export class Http {
  /** The `Date` of the latest answer, in ms. */
  readonly serverDate = signal<number | null>(null);

  private readonly session = inject(Session);
  private readonly router = inject(Router);

  async send<Answer>(method: string, path: string, { body, signal, signedIn }: Call = {}): Promise<Answer> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const token = signedIn ? this.session.token() : null;
    if (token) headers['Authorization'] = `Bearer ${token}`;

    const response = await this.fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      cache: 'no-store',
    });
    const answer: unknown = await response.json().catch(() => undefined);
    signal?.throwIfAborted();
    this.readDate(response);
    if (response.ok && answer !== undefined) return answer as Answer;
    if (response.ok) throw new Refusal(0, 'The answer of the site was cut off.');

    if (response.status === 401 && signedIn) {
      this.session.end('Your session has ended. Please sign in again.');
      void this.router.navigateByUrl('/');
    }
    throw new Refusal(response.status, messageOf(answer) ?? fallbackMessage(response));
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`/api/${path}`, init);
    } catch {
      init.signal?.throwIfAborted();
      throw new Refusal(0, 'The site did not answer.');
    }
  }

  private readDate(response: Response): void {
    const date = Date.parse(response.headers.get('Date') ?? '');
    if (!Number.isNaN(date)) this.serverDate.set(date);
  }
}

function messageOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('message' in answer)) return null;
  return typeof answer.message === 'string' && answer.message ? answer.message : null;
}

function fallbackMessage(response: Response): string {
  if (response.status === 429) return 'Too many requests. Please wait a moment and try again.';
  return `Something went wrong at the site (${response.status}).`;
}
