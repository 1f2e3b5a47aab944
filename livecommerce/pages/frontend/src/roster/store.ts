// The roster's day, and the slot one is about to book.
import { signal } from '@preact/signals';
import { get, newKey, post, Problem } from '../api/http';
import type { BookingOut, Both, RosterOut } from '../api/wire';
import { centreDay, centreMoment, minuteOf } from '../time';

export interface Wish {
  merchant: string;
  studio: string;
  day: string;
  from: number;
  to: number;
  zh: string;
  en: string;
  counts: Record<string, number>;
}

export interface Blocker { resource: string; name: Both; from: string; to: string; reason: string }
export interface Alternative { studio: string; name: Both; starts_at: string; ends_at: string }

const asked = new URL(location.href).searchParams.get('day');

export const day = signal(/^\d{4}-\d\d-\d\d$/.test(asked ?? '') ? (asked as string) : centreDay(Date.now()));
export const roster = signal<RosterOut | null>(null);
export const failed = signal<unknown>(null);
export const formOpen = signal(false);
export const refused = signal<{ blockers: Blocker[]; alternatives: Alternative[] } | null>(null);
export const made = signal<BookingOut | null>(null);
export const busy = signal(false);

function soon(): number {
  const now = minuteOf(centreDay(Date.now()), new Date().toISOString());
  return Math.min(21 * 60, Math.max(9 * 60, Math.ceil((now + 30) / 30) * 30));
}

export const wish = signal<Wish>({
  merchant: '', studio: '', day: day.value, from: soon(), to: soon() + 120, zh: '', en: '', counts: {},
});

export async function load(): Promise<void> {
  const wanted = day.value;
  try {
    const found = await get<RosterOut>(`/v1/roster?day=${wanted}`);
    if (day.value === wanted) roster.value = found;
    failed.value = null;
  } catch (error) {
    failed.value = error;
  }
}

export function goTo(to: string): void {
  day.value = to;
  wish.value = { ...wish.value, day: to };
  refused.value = null;
  const url = new URL(location.href);
  url.searchParams.set('day', to);
  history.replaceState(null, '', url);
  void load();
}

export function shiftDay(by: number): void {
  goTo(centreDay(centreMoment(day.value, by * 1440 + 720)));
}

export function choose(change: Partial<Wish>): void {
  wish.value = { ...wish.value, ...change };
  refused.value = null;
  made.value = null;
}

/** Ids or class keys, a class as often as so many of it are wanted. */
function wanted(kind: 'equipment' | 'crew'): string[] {
  const classes = new Set(
    roster.value?.rows.filter((row) => row.resource.kind === kind).map((row) => row.resource.class_key),
  );
  return Object.entries(wish.value.counts)
    .filter(([key]) => classes.has(key))
    .flatMap(([key, count]) => Array<string>(count).fill(key));
}

/** Taken whole, or refused with what is in the way and what is free instead. */
export async function book(): Promise<void> {
  const { merchant, studio, day: on, from, to, zh, en } = wish.value;
  busy.value = true;
  refused.value = null;
  try {
    made.value = await post<BookingOut>('/v1/bookings', {
      merchant,
      studio,
      starts_at: centreMoment(on, from).toISOString(),
      ends_at: centreMoment(on, to).toISOString(),
      equipment: wanted('equipment'),
      crew: wanted('crew'),
      title: zh || en ? { zh: zh || en, en: en || zh } : null,
    }, newKey());
    if (day.value !== on) goTo(on);
    else await load();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'slot-taken') throw error;
    refused.value = {
      blockers: (error.facts['blockers'] as Blocker[] | undefined) ?? [],
      alternatives: (error.facts['alternatives'] as Alternative[] | undefined) ?? [],
    };
  } finally {
    busy.value = false;
  }
}

export async function takeInstead(slot: Alternative): Promise<void> {
  const on = centreDay(Date.parse(slot.starts_at));
  wish.value = {
    ...wish.value,
    studio: slot.studio,
    day: on,
    from: minuteOf(on, slot.starts_at),
    to: minuteOf(on, slot.ends_at),
  };
  await book();
}

export function clock(minutes: number): string {
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  return `${hours}:${String(minutes % 60).padStart(2, '0')}`;
}
