// The cart that the server keeps: read, changed, heard of from other devices, and bought.
import { computed, signal } from '@preact/signals';
import type { CartHeld, CartLine, CartOut } from '../api/buyer';
import { ask, get, newKey, post, Problem } from '../api/http';
import { onPersonal } from '../api/personal';
import { currency } from '../room/destination';

export const cart = signal<CartOut | null>(null);

export const cartLines = computed(() => (cart.value?.groups ?? []).flatMap((group) => group.lines));
export const buyable = computed(() => cartLines.value.filter((line) => line.state === 'available' && !line.buying));

export async function loadCart(): Promise<void> {
  take(await get<CartOut>(`/v1/cart?currency=${currency.value}`));
}

/** An older answer that comes late undoes nothing. */
function take(found: CartOut): void {
  if (!cart.value || found.version >= cart.value.version) cart.value = found;
  remember(found);
}

export async function putItem(item: { live: string; card: string; variant: string }, count: number): Promise<void> {
  const { live, card, variant } = item;
  const body = { live, card, variant, count };
  take(await ask<CartOut>('PUT', `/v1/cart/items?currency=${currency.value}`, { body }));
}

/** So many more of it; what is there already stays. */
export async function addItem(item: { live: string; card: string; variant: string }, count: number): Promise<void> {
  if (!cart.value) await loadCart();
  const there = cartLines.value.find((line) => line.card === item.card && line.variant === item.variant);
  await putItem(item, Math.min(99, (there?.count ?? 0) + count));
}

export async function dropItem(line: CartLine): Promise<void> {
  take(await ask<CartOut>('DELETE', `/v1/cart/items/${line.id}?currency=${currency.value}`));
}

// A purchase that got no answer is asked for again under the same key, so it is made once.
let pending: { wish: string; key: string } | null = null;

export async function buyLines(lines: CartLine[]): Promise<CartHeld> {
  const body = { lines: lines.map(({ live, card, variant, count, price }) => ({ live, card, variant, count, price })) };
  const wish = JSON.stringify(body);
  if (pending?.wish !== wish) pending = { wish, key: newKey() };
  try {
    const made = await post<CartHeld>(`/v1/cart/purchase?currency=${currency.value}`, body, pending.key);
    pending = null;
    take(made.cart);
    return made;
  } catch (error) {
    if (error instanceof Problem && error.status !== 0 && error.status !== 503) pending = null;
    await loadCart();
    throw error;
  }
}

/** What other devices of the same person do is shown here as well. */
export function followCart(): () => void {
  return onPersonal((frame) => {
    if (frame.t === 'cart' && (frame.version ?? 0) > (cart.value?.version ?? -1)) void loadCart().catch(() => undefined);
  });
}

// What things are called is asked for once more when they are quoted, and have left the cart.
const NAMES = 'lc_names';

function remember(found: CartOut): void {
  const known = names();
  for (const line of found.groups.flatMap((group) => group.lines)) {
    known[line.variant] = { title: line.title, options: line.options, picture: line.picture };
  }
  sessionStorage.setItem(NAMES, JSON.stringify(known));
}

type Known = Pick<CartLine, 'title' | 'options' | 'picture'>;

export function names(): Record<string, Known> {
  return JSON.parse(sessionStorage.getItem(NAMES) ?? '{}') as Record<string, Known>;
}
