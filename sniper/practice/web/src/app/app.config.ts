import { ApplicationConfig, inject, provideAppInitializer, provideBrowserGlobalErrorListeners } from '@angular/core';
import { provideRouter, Routes } from '@angular/router';

import { CallbackPage } from './pages/callback-page';
import { DashboardPage } from './pages/dashboard/dashboard-page';
import { BookableProductIndex } from './pages/schedule/bookable-product-index';
import { StartPage } from './pages/start-page';
import { signedIn, signedOut } from './session/guards';
import { Venue } from './venue/venue';

const title = (page: string) => `${page} · REHEARSAL`;

const routes: Routes = [
  { path: '', pathMatch: 'full', component: StartPage, canActivate: [signedOut], title: title('Sign in') },
  { path: 'oidc-callback', component: CallbackPage, title: title('Signing in') },
  {
    path: 'products/bookable-product-schedule',
    component: BookableProductIndex,
    canActivate: [signedIn],
    title: title('Schedule'),
  },
  { path: 'dashboard', component: DashboardPage, canActivate: [signedIn], title: title('My bookings') },
  { path: '**', redirectTo: '' },
];

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideAppInitializer(() => inject(Venue).load()),
    provideRouter(routes),
  ],
};
