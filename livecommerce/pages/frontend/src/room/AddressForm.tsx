// Where the parcel goes; kept in this tab only.
import { useState } from 'preact/hooks';
import { Field } from '../parts/pieces';
import { attempt } from '../parts/Toast';
import { roomWords } from '../words/room';
import type { Address } from '../api/wire';
import { askQuote, busy, keepAddress, keptAddress } from './buying';
import { COUNTRIES, countryName } from './destination';

const REGIONS = new Set(['US', 'AU', 'CA', 'JP', 'BR', 'MX', 'MY', 'IT', 'IE', 'TH']);

export function AddressForm({ id }: { id: string }) {
  const w = roomWords.value;
  const [kept, put] = useState(keptAddress);
  const { address } = kept;

  const set = (key: keyof Address) => (event: { currentTarget: { value: string } }) =>
    put({ ...kept, address: { ...address, [key]: event.currentTarget.value } });

  function next(event: Event): void {
    event.preventDefault();
    keepAddress(kept);
    void attempt(askQuote);
  }

  return (
    <form id={id} class="grid grid-cols-6 gap-x-3 gap-y-3.5 px-4 py-4" onSubmit={next} data-testid="address-form">
      <Field label={w.shipTo} class="col-span-6">
        <select class="select" value={address.country} onChange={set('country')} autocomplete="country" name="country">
          {COUNTRIES.map((code) => <option key={code} value={code}>{countryName(code)}</option>)}
        </select>
      </Field>
      <Field label={w.name} class="col-span-6">
        <input class="input" required maxLength={100} autocomplete="name" name="name" value={address.name} onInput={set('name')} />
      </Field>
      <Field label={w.line1} class="col-span-6">
        <input class="input" required maxLength={120} autocomplete="address-line1" name="line1" value={address.line1} onInput={set('line1')} />
      </Field>
      <Field label={w.line2} class="col-span-6">
        <input class="input" maxLength={120} autocomplete="address-line2" name="line2" value={address.line2} onInput={set('line2')} />
      </Field>
      <Field label={w.postcode} class="col-span-2">
        <input class="input" required maxLength={16} autocomplete="postal-code" name="postcode" value={address.postcode} onInput={set('postcode')} />
      </Field>
      <Field label={w.city} class="col-span-4">
        <input class="input" required maxLength={80} autocomplete="address-level2" name="city" value={address.city} onInput={set('city')} />
      </Field>
      {REGIONS.has(address.country) && (
        <Field label={w.region} class="col-span-6">
          <input class="input" required={address.country === 'US'} maxLength={80} autocomplete="address-level1" name="region" value={address.region} onInput={set('region')} />
        </Field>
      )}
      <Field label={w.phone} class="col-span-6">
        <input class="input" type="tel" required maxLength={30} autocomplete="tel" name="phone" value={address.phone} onInput={set('phone')} />
      </Field>
      <Field label={w.email} class="col-span-6">
        <input class="input" type="email" required maxLength={254} autocomplete="email" name="email" value={kept.email} onInput={(event) => put({ ...kept, email: event.currentTarget.value })} />
      </Field>
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
