// Booking goods in or off, counting them, carrying them elsewhere; and new locations.
import { useState } from 'preact/hooks';
import { post } from '../api/http';
import type { LocationOut, VariantStock } from '../api/wire';
import { Field } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { shared } from '../words/shared';
import { told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';
import { merchant } from './ShopFrame';

type Tab = 'adjust' | 'count' | 'transfer';

function Places({ label, value, places, onChange, name }: {
  label: string; value: string; places: LocationOut[]; onChange: (to: string) => void; name: string;
}) {
  return (
    <Field label={label}>
      <select class="select" name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {places.map((each) => <option key={each.id} value={each.id}>{told(each.name)}</option>)}
      </select>
    </Field>
  );
}

export function AdjustSheet({ row, places, onClose, onDone }: {
  row: VariantStock; places: LocationOut[]; onClose: () => void; onDone: () => void;
}) {
  const w = catalogueWords.value;
  const [tab, turn] = useState<Tab>('adjust');
  const [count, number] = useState('');
  const [reason, why] = useState('received');
  const [from, source] = useState(places[0]?.id ?? '');
  const [to, target] = useState(places[1]?.id ?? '');
  const [reference, note] = useState('');
  const n = Number(count);
  const sound = /^\d{1,8}$/.test(count.trim()) && (tab === 'count' || n > 0) && (tab !== 'transfer' || (to !== '' && to !== from));
  async function book(): Promise<void> {
    const done = await attempt(async () => {
      if (tab === 'count') await post(`/v1/locations/${from}/counts`, { counts: [{ variant: row.variant, counted: n }], reference });
      else if (tab === 'transfer') await post(`/v1/variants/${row.variant}/transfers`, { source: from, target: to, count: n, reference });
      else await post(`/v1/variants/${row.variant}/stock`, { change: reason === 'damaged' ? -n : n, reason, location: from, reference });
      return true;
    });
    if (!done) return;
    say(w.booked);
    onDone();
  }
  const tabs: Tab[] = places.length > 1 ? ['adjust', 'count', 'transfer'] : ['adjust', 'count'];
  return (
    <Sheet
      open title={w.adjustTitle(row.sku)} onClose={onClose} testid="adjust-sheet"
      footer={<button type="button" class="btn btn-primary w-full" disabled={!sound} onClick={() => void book()} data-testid="book">{w.book}</button>}
    >
      <div class="flex flex-col gap-4 p-4" data-testid="adjust-form">
        <div class="flex rounded-xl bg-base-300/60 p-1" role="group">
          {tabs.map((each) => (
            <button key={each} type="button" aria-pressed={tab === each} class={`min-h-10 flex-1 rounded-lg text-sm font-semibold ${tab === each ? 'bg-base-100 shadow-soft' : 'text-quiet'}`} onClick={() => turn(each)} data-testid={`do-${each}`}>{w.tabs[each]}</button>
          ))}
        </div>
        {tab === 'adjust' && (
          <Field label={w.reason}>
            <select class="select" name="reason" value={reason} onChange={(event) => why(event.currentTarget.value)}>
              {(['received', 'damaged'] as const).map((each) => <option key={each} value={each}>{w.reasons[each]}</option>)}
            </select>
          </Field>
        )}
        <Places label={tab === 'transfer' ? w.from : w.location} name="location" value={from} places={places} onChange={source} />
        {tab === 'transfer' && <Places label={w.to} name="target" value={to} places={places} onChange={target} />}
        <Field label={tab === 'count' ? w.counted : w.count}><input class="input" inputMode="numeric" name="count" value={count} onInput={(event) => number(event.currentTarget.value)} /></Field>
        <Field label={w.reference}><input class="input" maxLength={100} name="reference" value={reference} onInput={(event) => note(event.currentTarget.value)} /></Field>
      </div>
    </Sheet>
  );
}

export function AddLocation({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const w = catalogueWords.value;
  const [kind, put] = useState('studio');
  const [zh, nameZh] = useState('');
  const [en, nameEn] = useState('');
  const [priority, turn] = useState('10');
  async function add(): Promise<void> {
    const body = { merchant: merchant(), name: { zh, en }, kind, priority: Number(priority) };
    if (await attempt(() => post('/v1/locations', body))) onDone();
  }
  return (
    <Sheet
      open title={w.addLocation} onClose={onClose} testid="location-sheet"
      footer={<button type="button" class="btn btn-primary w-full" disabled={!zh || !en || !/^\d{1,3}$/.test(priority)} onClick={() => void add()} data-testid="location-add">{w.add}</button>}
    >
      <div class="grid gap-4 p-4 sm:grid-cols-2" data-testid="location-form">
        <Field label={w.nameZh}><input class="input" name="zh" maxLength={80} value={zh} onInput={(event) => nameZh(event.currentTarget.value)} /></Field>
        <Field label={w.nameEn}><input class="input" name="en" maxLength={80} value={en} onInput={(event) => nameEn(event.currentTarget.value)} /></Field>
        <Field label={w.kind}>
          <select class="select" name="kind" value={kind} onChange={(event) => put(event.currentTarget.value)}>
            {Object.entries(w.locationKinds).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
          </select>
        </Field>
        <Field label={w.priority}><input class="input" name="priority" inputMode="numeric" value={priority} onInput={(event) => turn(event.currentTarget.value)} /></Field>
      </div>
      <span class="sr-only">{shared.value.close}</span>
    </Sheet>
  );
}
