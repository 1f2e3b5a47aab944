// A variant's prices in every currency, and the was-prices with what they are based on.
import { useState } from 'preact/hooks';
import type { Basis } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Field } from '../parts/pieces';
import { catalogueWords } from '../words/catalogue';
import { productWords } from '../words/product';
import { shared } from '../words/shared';
import { noPrice, type ListPrice } from './draft';

const BASES: Basis[] = ['lowest_7_days', 'lowest_30_days', 'suggested'];

export function PriceLists({ lists, onSet }: {
  lists: ListPrice[]; onSet: (to: ListPrice[], all: boolean) => void;
}) {
  const w = productWords.value;
  const names = catalogueWords.value.bases;
  const [typed, type] = useState(lists);
  const change = (n: number, to: Partial<ListPrice>) => type(typed.map((each, i) => (i === n ? { ...each, ...to } : each)));
  const sound = typed.every((each) => each.price && /^[A-Z]{3}$/.test(each.currency) && (!each.was || (each.basis && each.since && Number(each.was) > Number(each.price))));
  return (
    <div class="flex flex-col gap-4 p-4" data-testid="lists-form">
      <p class="text-sm text-quiet">{w.wasHint}</p>
      {typed.map((each, n) => (
        <fieldset key={n} class="grid grid-cols-2 gap-3 rounded-2xl border border-base-300 p-3" data-testid="list-price">
          <Field label={w.currency}><input class="input" name="currency" maxLength={3} value={each.currency} onInput={(event) => change(n, { currency: event.currentTarget.value.toUpperCase() })} /></Field>
          <Field label={w.listPrice}><input class="input" name="price" inputMode="decimal" value={each.price} onInput={(event) => change(n, { price: event.currentTarget.value })} /></Field>
          <Field label={w.wasPrice}><input class="input" name="was" inputMode="decimal" value={each.was} onInput={(event) => change(n, { was: event.currentTarget.value })} /></Field>
          {each.was && (
            <>
              <Field label={w.since}><input class="input" name="since" type="date" value={each.since} onInput={(event) => change(n, { since: event.currentTarget.value })} /></Field>
              <Field label={w.basis} class="col-span-2">
                <select class="select" name="basis" value={each.basis} onChange={(event) => change(n, { basis: event.currentTarget.value as Basis })}>
                  <option value="">{w.unset}</option>
                  {BASES.map((basis) => <option key={basis} value={basis}>{names[basis]}</option>)}
                </select>
              </Field>
            </>
          )}
          {n > 0 && <button type="button" class="btn btn-ghost col-span-2" onClick={() => type(typed.filter((_, i) => i !== n))}><Icon name="trash" size={16} />{shared.value.remove}</button>}
        </fieldset>
      ))}
      <button type="button" class="btn btn-quiet" disabled={typed.length > 20} onClick={() => type([...typed, noPrice(typed.some((each) => each.currency === 'EUR') ? 'USD' : 'EUR')])} data-testid="add-currency"><Icon name="plus" size={16} />{w.addCurrency}</button>
      <div class="flex gap-2">
        <button type="button" class="btn btn-quiet flex-1" disabled={!sound} onClick={() => onSet(typed, true)} data-testid="lists-all">{w.toAll}</button>
        <button type="button" class="btn btn-primary flex-1" disabled={!sound} onClick={() => onSet(typed, false)} data-testid="lists-one">{w.one}</button>
      </div>
    </div>
  );
}
