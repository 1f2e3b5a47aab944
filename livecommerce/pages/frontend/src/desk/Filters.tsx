// Narrowing the list: words first, then state, days, place and session.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import { isStaff, me } from '../api/me';
import type { Both, LiveOut, OrderState, PageOf } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Field, useAsked, useWide } from '../parts/pieces';
import { dayAndTime } from '../time';
import { deskWords } from '../words/desk';
import { told } from '../words/lang';
import { orderWords } from '../words/order';
import { filter, narrow, narrowed, NOTHING } from './store';

const STATES: OrderState[] = ['placed', 'paid', 'partly_shipped', 'shipped', 'delivered', 'cancelled', 'refunded'];

interface Place { country: string; name: Both }

export function Filters() {
  const w = deskWords.value;
  const f = filter.value;
  const wide = useWide('(min-width: 48rem)');
  const [open, unfold] = useState(narrowed.value);
  const places = useAsked(() => get<Place[]>('/v1/destinations'), []);
  const lives = useAsked(() => get<PageOf<LiveOut>>('/v1/live?limit=50&state=live,ended,archived'), []);
  const merchants = me.value?.memberships ?? [];
  return (
    <section class="panel mb-4 p-4" aria-label={w.filters}>
      <div class="flex gap-2">
        <label class="relative block flex-1">
          <span class="sr-only">{w.searchLabel}</span>
          <Icon name="search" size={18} class="absolute top-1/2 left-3 z-10 -translate-y-1/2 text-quiet" />
          <input class="input pl-10" type="search" name="q" placeholder={wide ? w.search : w.searchLabel} aria-describedby="desk-search-hint" value={f.q} data-testid="desk-search" onInput={(event) => narrow({ q: event.currentTarget.value })} />
        </label>
        {!wide && <button type="button" class="btn btn-quiet" aria-expanded={open} onClick={() => unfold(!open)}>{w.filters}</button>}
      </div>
      <p id="desk-search-hint" class={wide ? 'sr-only' : 'mt-1.5 text-xs text-quiet'}>{w.search}</p>
      {(wide || open) && (
        <div class="mt-3 grid grid-cols-2 items-end gap-3 md:grid-cols-3 lg:grid-cols-6" data-testid="desk-filters">
          <Field label={w.state}>
            <select class="input" name="state" value={f.state} onChange={(event) => narrow({ state: event.currentTarget.value })}>
              <option value="">{w.all}</option>
              <option value="paid,partly_shipped">{`${orderWords.value.states.paid} + ${orderWords.value.states.partly_shipped}`}</option>
              {STATES.map((state) => <option key={state} value={state}>{orderWords.value.states[state]}</option>)}
            </select>
          </Field>
          <Field label={w.country}>
            <select class="input" name="country" value={f.country} onChange={(event) => narrow({ country: event.currentTarget.value })}>
              <option value="">{w.all}</option>
              {places.data?.map((each) => <option key={each.country} value={each.country}>{each.country} · {told(each.name)}</option>)}
            </select>
          </Field>
          <Field label={w.live} class="col-span-2 md:col-span-1">
            <select class="input" name="live" value={f.live} onChange={(event) => narrow({ live: event.currentTarget.value })}>
              <option value="">{w.all}</option>
              {lives.data?.items.map((each) => <option key={each.id} value={each.id}>{dayAndTime(each.starts_at)} · {told(each.title)}</option>)}
            </select>
          </Field>
          <Field label={w.from}><input class="input" type="date" name="placed_from" value={f.placed_from} onInput={(event) => narrow({ placed_from: event.currentTarget.value })} /></Field>
          <Field label={w.to}><input class="input" type="date" name="placed_to" value={f.placed_to} onInput={(event) => narrow({ placed_to: event.currentTarget.value })} /></Field>
          {merchants.length > 1 && !isStaff.value && (
            <Field label={w.merchant}>
              <select class="input" name="merchant" value={f.merchant} onChange={(event) => narrow({ merchant: event.currentTarget.value })}>
                <option value="">{w.all}</option>
                {merchants.map((each) => <option key={each.merchant} value={each.merchant}>{told(each.name)}</option>)}
              </select>
            </Field>
          )}
          <button type="button" class="btn btn-ghost" disabled={!narrowed.value} onClick={() => narrow(NOTHING)}>{w.clear}</button>
        </div>
      )}
    </section>
  );
}
