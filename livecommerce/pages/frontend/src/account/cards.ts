// Cards that one keeps with the payment provider, and paying with one.
import { signal } from '@preact/signals';
import { get, newKey, OFFLINE, post, Problem, put, remove } from '../api/http';
import type { KeptCard, Tapped } from '../api/buyer';
import { payingWords } from '../words/paying';

export const cards = signal<KeptCard[] | null>(null);

export async function loadCards(): Promise<void> {
  cards.value = await get<KeptCard[]>('/v1/payment-methods');
}

export async function forgetCard(id: string): Promise<void> {
  await remove(`/v1/payment-methods/${id}`);
  cards.value = (cards.value ?? []).filter((each) => each.id !== id);
}

export function nameOf(card: KeptCard): string {
  const w = payingWords.value;
  return w.ending(w.brands[card.brand] ?? (card.brand || w.card), card.last4);
}

export const keepCard = (checkout: string, keep: boolean) =>
  put<void>(`/v1/checkouts/${checkout}/keeping`, { keep });

const keys = new Map<string, string>();

/** One tap is one key until there is an answer, so a lost answer is never a second charge. */
export async function tap(checkout: string, method: string): Promise<Tapped> {
  const which = `${checkout} ${method}`;
  const key = keys.get(which) ?? newKey();
  keys.set(which, key);
  try {
    const told = await post<Tapped>(`/v1/checkouts/${checkout}/tap`, { method }, key);
    keys.delete(which);
    return told;
  } catch (error) {
    const unknown = error instanceof Problem && (error.code === OFFLINE || error.status >= 500);
    if (!unknown) keys.delete(which);
    throw error;
  }
}
