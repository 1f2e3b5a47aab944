// Where the parcel goes: a kept address, or one written as its country writes it.
import { useEffect, useState } from 'preact/hooks';
import { Fields, useForm } from '../account/Fields';
import { keep, loadSaved, saved, unfit, wrongOf, type Wrong } from '../account/addresses';
import type { AddressField } from '../api/buyer';
import { Icon } from '../parts/Icon';
import { Field } from '../parts/pieces';
import { attempt, sayProblem } from '../parts/Toast';
import { buyerWords } from '../words/buyer';
import { roomWords } from '../words/room';
import { askQuote, busy, EMPTY, keepAddress, keptAddress } from './buying';
import { country } from './destination';

function Kept({ chosen, choose }: { chosen: string | null; choose: (id: string | null) => void }) {
  const w = buyerWords.value;
  const known = saved.value ?? [];
  if (known.length === 0) return null;
  const look = (on: boolean) => `flex min-h-11 w-full items-center gap-2.5 rounded-xl border px-3 py-2 text-left text-sm ${on ? 'border-indigo bg-calico text-indigo ring-1 ring-indigo' : 'border-base-300 bg-base-100'}`;
  return (
    <fieldset class="col-span-6">
      <legend class="field-label">{w.saved}</legend>
      <div class="flex flex-col gap-2">
        {known.map(({ id, label, address }) => (
          <button key={id} type="button" aria-pressed={chosen === id} class={look(chosen === id)} onClick={() => choose(id)} data-testid="kept-address">
            <Icon name="home" size={18} />
            <span class="min-w-0 flex-1">
              <span class="block truncate font-semibold">{label || address.name}</span>
              <span class="block truncate text-xs opacity-80">{[address.line1, address.postcode, address.city, address.country].filter(Boolean).join(', ')}</span>
            </span>
          </button>
        ))}
        <button type="button" aria-pressed={chosen === null} class={look(chosen === null)} onClick={() => choose(null)}><Icon name="plus" size={18} />{w.other}</button>
      </div>
    </fieldset>
  );
}

export function AddressForm({ id }: { id: string }) {
  const w = buyerWords.value;
  const r = roomWords.value;
  const [kept, put] = useState(keptAddress);
  const [chosen, choose] = useState<string | null>(null);
  const [wrong, mark] = useState<Wrong>({});
  const [keeping, keepIt] = useState(false);
  const { address } = kept;
  const form = useForm(address.country);

  // What was typed in this tab stays; else the default address is what most people mean.
  useEffect(() => {
    void loadSaved().then(() => {
      const first = saved.value?.find((each) => each.default);
      if (first && !keptAddress().address.line1) take(first.id);
    }, () => undefined);
  }, []);

  function take(which: string | null): void {
    const found = saved.value?.find((each) => each.id === which);
    choose(found ? found.id : null);
    mark({});
    put((before) => ({ ...before, address: found ? { ...EMPTY, ...found.address } : { ...EMPTY, country: country.value } }));
  }

  function set(name: AddressField, value: string): void {
    choose(null);
    mark((before) => ({ ...before, [name]: undefined }));
    const more = name === 'country' ? { region: '' } : {};
    put((before) => ({ ...before, address: { ...before.address, ...more, [name]: value } }));
  }

  async function next(event: Event): Promise<void> {
    event.preventDefault();
    const found = unfit(address, form);
    mark(found);
    if (Object.keys(found).length > 0) return;
    keepAddress(kept);
    if (keeping && chosen === null) {
      try {
        await keep(null, { label: '', address, default: false });
        keepIt(false);
      } catch (error) {
        mark(wrongOf(error) ?? {});
        sayProblem(error);
        return;
      }
    }
    void attempt(askQuote);
  }

  return (
    <form id={id} class="grid grid-cols-6 gap-x-3 gap-y-3.5 px-4 py-4" onSubmit={(event) => void next(event)} data-testid="address-form">
      <Kept chosen={chosen} choose={take} />
      <Fields address={address} form={form} wrong={wrong} set={set} />
      <Field label={r.email} class="col-span-6">
        <input class="input" type="email" required maxLength={254} autocomplete="email" name="email" value={kept.email} onInput={(event) => put({ ...kept, email: event.currentTarget.value })} />
      </Field>
      {chosen === null && (
        <label class="col-span-6 flex min-h-11 items-center gap-2.5 text-sm">
          <input type="checkbox" class="checkbox" checked={keeping} onChange={(event) => keepIt(event.currentTarget.checked)} data-testid="keep-address" />
          {w.keep}
        </label>
      )}
    </form>
  );
}

export function AddressFooter({ form }: { form: string }) {
  const w = roomWords.value;
  return (
    <button type="submit" form={form} class="btn btn-primary btn-block rounded-full text-base" disabled={busy.value} data-testid="get-quote">
      {busy.value && <span class="loading loading-spinner loading-sm" />}
      {w.getQuote}
    </button>
  );
}
