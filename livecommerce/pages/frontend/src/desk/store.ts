// What the order desk shows: the filter, the found orders, and which of them are chosen.
import { computed, signal } from '@preact/signals';
import { get } from '../api/http';
import type { DeskRow, PageOf, ReturnOut } from '../api/afterwards';
import { sayProblem } from '../parts/Toast';

export interface Filter {
  q: string;
  state: string;
  merchant: string;
  country: string;
  live: string;
  placed_from: string;
  placed_to: string;
}

export const NOTHING: Filter = { q: '', state: '', merchant: '', country: '', live: '', placed_from: '', placed_to: '' };

function fromAddress(): Filter {
  const told = new URL(location.href).searchParams;
  const read = (name: keyof Filter) => told.get(name) ?? '';
  return {
    q: read('q'), state: read('state'), merchant: read('merchant'), country: read('country'),
    live: read('live'), placed_from: read('placed_from'), placed_to: read('placed_to'),
  };
}

export const filter = signal<Filter>(fromAddress());
export const rows = signal<DeskRow[] | null>(null);
export const failed = signal<unknown>(null);
export const next = signal<string | null>(null);
export const chosen = signal<Set<string>>(new Set());
export const returns = signal<ReturnOut[] | null>(null);
export const narrowed = computed(() => Object.values(filter.value).some(Boolean));

export function query(): string {
  const told = Object.entries(filter.value).filter(([, value]) => value);
  return new URLSearchParams(told).toString();
}

let round = 0;

/** Orders that fit the filter, from the first on. An answer to an older filter is dropped. */
export async function look(): Promise<void> {
  const mine = ++round;
  try {
    const page = await get<PageOf<DeskRow>>(`/v1/desk/orders?${query()}`);
    if (mine !== round) return;
    rows.value = page.items;
    next.value = page.next_cursor;
    failed.value = null;
    const there = new Set(page.items.map((row) => row.id));
    chosen.value = new Set([...chosen.value].filter((id) => there.has(id)));
  } catch (error) {
    if (mine === round) failed.value = error;
  }
}

export async function more(): Promise<void> {
  const mine = round;
  try {
    const page = await get<PageOf<DeskRow>>(`/v1/desk/orders?${query()}&cursor=${next.value ?? ''}`);
    if (mine !== round) return;
    rows.value = [...(rows.value ?? []), ...page.items];
    next.value = page.next_cursor;
  } catch (error) {
    sayProblem(error);
  }
}

export async function lookAtReturns(): Promise<void> {
  try {
    returns.value = (await get<PageOf<ReturnOut>>('/v1/returns')).items;
  } catch (error) {
    sayProblem(error);
  }
}

let typing: ReturnType<typeof setTimeout> | undefined;

export function narrow(to: Partial<Filter>): void {
  filter.value = { ...filter.value, ...to };
  const told = query();
  history.replaceState(null, '', told ? `?${told}` : location.pathname);
  clearTimeout(typing);
  typing = setTimeout(() => void look(), 'q' in to ? 250 : 0);
}

export function toggle(id: string): void {
  const now = new Set(chosen.value);
  if (!now.delete(id)) now.add(id);
  chosen.value = now;
}
