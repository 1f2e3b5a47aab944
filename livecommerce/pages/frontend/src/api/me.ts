// Who is looking at the page.
import { computed, signal } from '@preact/signals';
import { boot } from '../boot';
import { get, post } from './http';
import type { MeOut } from './wire';

export const me = signal<MeOut | null>((boot.me as MeOut | undefined) ?? null);
export const signedIn = computed(() => me.value?.kind === 'person');
export const isStaff = computed(() => (me.value?.staff.length ?? 0) > 0);
export const isAdmin = computed(() => me.value?.staff.includes('admin') ?? false);
export const keepsWebhooks = computed(() =>
  isAdmin.value || (me.value?.memberships.some((each) => each.roles.includes('owner')) ?? false));

/** Whether they keep the centre's books. */
export const keepsBooks = computed(() => me.value?.staff.some((role) => role === 'finance' || role === 'admin') ?? false);
/** The merchant whose money they look after, if there is one. */
export const ownMoney = computed(() => me.value?.memberships.find((each) =>
  each.roles.includes('owner') || each.roles.includes('finance'))?.merchant);

export async function loadMe(): Promise<MeOut | null> {
  if (!me.value) me.value = await get<MeOut>('/v1/me').catch(() => null);
  return me.value;
}

export async function signOut(): Promise<void> {
  await post('/v1/sign-out');
  location.assign('/');
}

export function memberOf(merchant: string | undefined, ...roles: string[]): boolean {
  const held = me.value?.memberships.find((each) => each.merchant === merchant)?.roles ?? [];
  return held.includes('owner') || held.some((role) => roles.length === 0 || roles.includes(role));
}

/** Whether they keep some merchant's catalogue. */
export function sells(): boolean {
  return me.value?.memberships.some((each) => memberOf(each.merchant, 'assistant')) ?? false;
}
