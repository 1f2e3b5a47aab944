// The fields of an address, in the order and by the words of its country.
import { useEffect, useState } from 'preact/hooks';
import type { AddressField, AddressFormOut } from '../api/buyer';
import type { Address } from '../api/wire';
import { Field } from '../parts/pieces';
import { COUNTRIES, countryName } from '../room/destination';
import { buyerWords } from '../words/buyer';
import { roomWords } from '../words/room';
import { formOf, type Wrong } from './addresses';

const USUAL: AddressFormOut = {
  country: '',
  fields: [
    { name: 'country', required: true, kind: null }, { name: 'name', required: true, kind: null },
    { name: 'line1', required: true, kind: null }, { name: 'line2', required: false, kind: null },
    { name: 'postcode', required: false, kind: 'postal' }, { name: 'city', required: false, kind: 'city' },
    { name: 'phone', required: true, kind: null },
  ],
  postcode_pattern: null,
  postcode_examples: [],
  regions: [],
};

const FILLS: Record<AddressField, string> = {
  country: 'country', name: 'name', line1: 'address-line1', line2: 'address-line2', city: 'address-level2',
  region: 'address-level1', postcode: 'postal-code', phone: 'tel',
};

const LONGEST: Record<AddressField, number> = {
  country: 2, name: 100, line1: 120, line2: 120, city: 100, region: 100, postcode: 20, phone: 30,
};

export function useForm(country: string): AddressFormOut {
  const [form, put] = useState<AddressFormOut>(USUAL);
  useEffect(() => {
    let wanted = true;
    void formOf(country).then((found) => wanted && put(found), () => wanted && put(USUAL));
    return () => void (wanted = false);
  }, [country]);
  return form;
}

export function Fields({ address, form, wrong, set }: {
  address: Address; form: AddressFormOut; wrong: Wrong; set: (name: AddressField, value: string) => void;
}) {
  const w = buyerWords.value;
  const r = roomWords.value;
  const labels: Record<AddressField, string> = {
    country: r.shipTo, name: r.name, line1: r.line1, line2: r.line2, city: r.city, region: r.region, postcode: r.postcode, phone: r.phone,
  };

  function control(name: AddressField) {
    const why = wrong[name];
    const more = {
      name, autocomplete: FILLS[name], 'aria-invalid': why ? true : undefined,
      'aria-describedby': why ? `wrong-${name}` : undefined,
      class: `${name === 'country' || (name === 'region' && form.regions.length > 0) ? 'select' : 'input'} ${why ? 'border-error' : ''}`,
    } as const;
    if (name === 'country') {
      const codes = COUNTRIES.includes(address.country) ? COUNTRIES : [address.country, ...COUNTRIES];
      return (
        <select {...more} value={address.country} onChange={(event) => set(name, event.currentTarget.value)}>
          {codes.map((code) => <option key={code} value={code}>{countryName(code)}</option>)}
        </select>
      );
    }
    if (name === 'region' && form.regions.length > 0) {
      return (
        <select {...more} value={address.region ?? ''} onChange={(event) => set(name, event.currentTarget.value)}>
          <option value="">{w.choose}</option>
          {form.regions.map(({ key, names }) => <option key={key} value={key}>{names.join(' · ')}</option>)}
        </select>
      );
    }
    return (
      <input
        {...more} inputMode={name === 'phone' ? 'tel' : 'text'} maxLength={LONGEST[name]} value={address[name] ?? ''}
        onInput={(event) => set(name, event.currentTarget.value)}
      />
    );
  }

  return (
    <>
      {form.fields.map(({ name, kind }, index) => {
        const why = wrong[name];
        const example = form.postcode_examples[0];
        // Town and postcode share a line where they are neighbours on the envelope.
        const beside = [form.fields[index - 1]?.name, form.fields[index + 1]?.name];
        const narrow = (name === 'postcode' && beside.includes('city')) || (name === 'city' && beside.includes('postcode'));
        return (
          <Field
            key={name} label={(kind && w.kinds[kind]) || labels[name]} class={narrow ? 'col-span-6 sm:col-span-3' : 'col-span-6'}
            {...(name === 'postcode' && example ? { hint: w.example(example) } : {})}
          >
            {control(name)}
            {why && <span id={`wrong-${name}`} class="mt-1 block text-xs font-medium text-error" data-testid={`wrong-${name}`}>{w.wrong[why] ?? why}</span>}
          </Field>
        );
      })}
    </>
  );
}
