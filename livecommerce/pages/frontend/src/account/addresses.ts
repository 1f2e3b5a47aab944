// Kept addresses, and how each country writes one.
import { signal } from '@preact/signals';
import type { AddressField, AddressFormOut, SavedAddress } from '../api/buyer';
import { get, post, Problem, put, remove } from '../api/http';
import type { Address } from '../api/wire';

export const saved = signal<SavedAddress[] | null>(null);

const forms = new Map<string, Promise<AddressFormOut>>();

export function formOf(country: string): Promise<AddressFormOut> {
  let known = forms.get(country);
  if (!known) {
    known = get<AddressFormOut>(`/v1/address-forms/${country}`);
    known.catch(() => forms.delete(country));
    forms.set(country, known);
  }
  return known;
}

export async function loadSaved(): Promise<void> {
  saved.value = await get<SavedAddress[]>('/v1/addresses');
}

/** As the server takes it: what is empty is not there. */
export function sent(address: Address): Omit<Address, 'line2' | 'region'> & { line2: string | null; region: string | null } {
  return { ...address, line2: address.line2 || null, region: address.region || null };
}

interface Keeping { label: string; address: Address; default: boolean }

export async function keep(id: string | null, want: Keeping): Promise<void> {
  const body = { ...want, address: sent(want.address) };
  if (id) await put(`/v1/addresses/${id}`, body);
  else await post('/v1/addresses', body);
  await loadSaved();
}

export async function forget(id: string): Promise<void> {
  await remove(`/v1/addresses/${id}`);
  await loadSaved();
}

export type Wrong = { [name in AddressField]?: string | undefined };

/** What the server found wrong with which field, if that is why it refused. */
export function wrongOf(error: unknown): Wrong | null {
  if (!(error instanceof Problem) || error.code !== 'address-wrong') return null;
  return (error.facts['fields'] ?? {}) as Wrong;
}

/** What the country's form can tell before anybody is asked. */
export function unfit(address: Address, form: AddressFormOut): Wrong {
  const wrong: Wrong = {};
  for (const { name, required } of form.fields) {
    if (required && !String(address[name] ?? '').trim()) wrong[name] = 'required';
  }
  const { postcode_pattern: pattern } = form;
  if (address.postcode && pattern && !new RegExp(pattern, 'i').test(address.postcode.trim())) {
    wrong.postcode = 'malformed';
  }
  return wrong;
}
