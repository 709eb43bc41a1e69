import { inject } from '@angular/core';
import { CanActivateFn, Router } from '@angular/router';

import { Session } from './session';

/** Pages for members: everybody else is sent to the start page. */
export const signedIn: CanActivateFn = () => inject(Session).token() !== null || inject(Router).parseUrl('/');

/** The start page: members are sent on to their dashboard. */
export const signedOut: CanActivateFn = () => inject(Session).token() === null || inject(Router).parseUrl('/dashboard');
