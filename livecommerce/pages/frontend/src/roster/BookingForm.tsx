// A wish for a slot; and when it cannot be had, what stands in the way and what is free instead.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api/http';
import { isStaff, me } from '../api/me';
import type { Both, ResourceKind } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Empty, Field } from '../parts/pieces';
import { attempt } from '../parts/Toast';
import { clockTime, dayAndTime } from '../time';
import { told } from '../words/lang';
import { rosterWords } from '../words/roster';
import { book, busy, choose, clock, made, refused, roster, takeInstead, wish } from './store';

interface Choice { id: string; name: Both }

function useMerchants(): Choice[] {
  const [found, put] = useState<Choice[]>([]);
  const mine = me.value;
  useEffect(() => {
    if (!mine) return;
    const own = mine.memberships.map((each) => ({ id: each.merchant, name: each.name }));
    if (!isStaff.value) put(own);
    else void get<Choice[]>('/v1/merchants').then(put, () => put(own));
  }, [mine]);
  useEffect(() => {
    const first = found[0];
    if (first && !wish.value.merchant) choose({ merchant: first.id });
  }, [found]);
  return found;
}

function classesOf(kind: ResourceKind) {
  const classes = new Map<string, { name: Both; count: number }>();
  for (const { resource } of roster.value?.rows ?? []) {
    if (resource.kind !== kind) continue;
    const known = classes.get(resource.class_key);
    classes.set(resource.class_key, { name: resource.class_name, count: (known?.count ?? 0) + 1 });
  }
  return [...classes.entries()];
}

function Counts({ kind }: { kind: 'equipment' | 'crew' }) {
  const w = rosterWords.value;
  const classes = classesOf(kind);
  if (classes.length === 0) return null;
  return (
    <fieldset>
      <legend class="field-label">{w[kind]}</legend>
      <ul class="divide-y divide-dashed divide-base-300 rounded-xl border border-base-300">
        {classes.map(([key, { name, count }]) => {
          const now = wish.value.counts[key] ?? 0;
          const set = (to: number) => choose({ counts: { ...wish.value.counts, [key]: to } });
          return (
            <li key={key} class="flex items-center gap-1 py-0.5 pr-1 pl-3">
              <span class="min-w-0 flex-1 truncate text-sm">{told(name)}</span>
              <button type="button" class="btn btn-ghost btn-square" disabled={now === 0} aria-label={w.less(told(name))} onClick={() => set(now - 1)}><Icon name="minus" size={16} /></button>
              <output class="w-5 text-center text-sm font-semibold">{now}</output>
              <button type="button" class="btn btn-ghost btn-square" disabled={now >= count} aria-label={w.moreOne(told(name))} onClick={() => set(now + 1)} data-testid={`more-${key}`}><Icon name="plus" size={16} /></button>
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

/** Half hours of the centre's day, in 24 hours whatever the browser's habit. */
function Half({ name, value, first, onChange }: {
  name: string; value: number; first: number; onChange: (to: number) => void;
}) {
  const offered = Array.from({ length: 49 }, (_, index) => index * 30).filter((each) => each >= first);
  if (!offered.includes(value)) offered.unshift(value);
  return (
    <select class="select" name={name} value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
      {offered.map((each) => <option key={each} value={each}>{clock(each)}</option>)}
    </select>
  );
}

function useSeen() {
  const seen = useRef<HTMLDivElement>(null);
  useEffect(() => seen.current?.scrollIntoView({ block: 'nearest' }), []);
  return seen;
}

function Refused() {
  const w = rosterWords.value;
  const why = refused.value;
  const seen = useSeen();
  if (!why) return null;
  return (
    <div ref={seen} role="alert" class="settle rounded-2xl border border-[#e5c3b5] bg-[#fdf2ec] p-4" data-testid="refused">
      <p class="flex items-center gap-2 font-semibold text-error"><Icon name="alert" size={18} />{w.taken}</p>
      <p class="eyebrow mt-3">{w.takenBy}</p>
      <ul class="mt-1 text-sm">
        {why.blockers.map((blocker) => (
          <li key={blocker.resource + blocker.from} class="flex justify-between gap-3 py-1" data-testid="blocker">
            <span class="min-w-0 truncate">{told(blocker.name)}</span>
            <span class="whitespace-nowrap text-quiet">{w.until(clockTime(blocker.from), clockTime(blocker.to))}{blocker.reason === 'closed' && ` · ${w.reasonClosed}`}</span>
          </li>
        ))}
      </ul>
      <p class="eyebrow mt-3">{why.alternatives.length > 0 ? w.instead : w.noInstead}</p>
      <ul class="mt-1.5 flex flex-col gap-1.5">
        {why.alternatives.map((slot) => (
          <li key={slot.studio + slot.starts_at}>
            <button type="button" class="flex min-h-12 w-full items-center gap-3 rounded-xl border border-base-300 bg-base-100 px-3 text-left hover:border-indigo hover:bg-calico" disabled={busy.value} onClick={() => void attempt(() => takeInstead(slot))} data-testid="alternative">
              <span class="min-w-0 flex-1">
                <span class="block truncate text-sm font-semibold">{told(slot.name)}</span>
                <span class="block text-xs text-quiet">{dayAndTime(slot.starts_at)}–{clockTime(slot.ends_at)}</span>
              </span>
              <Icon name="right" size={18} class="text-indigo" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Made() {
  const w = rosterWords.value;
  const booking = made.value;
  const seen = useSeen();
  if (!booking) return null;
  return (
    <div ref={seen} role="status" class="settle rounded-2xl border border-[#bcd8c6] bg-[#eef6f0] p-4" data-testid="booked" data-booking={booking.id}>
      <p class="flex items-center gap-2 font-semibold text-success"><Icon name="check" size={20} />{w.booked}</p>
      <p class="mt-1 text-sm">{dayAndTime(booking.starts_at)}–{clockTime(booking.ends_at)}</p>
      <p class="text-sm text-quiet">{booking.resources.map((each) => told(each.name)).join(' · ')}</p>
      <p class="mt-2 text-sm text-quiet">{w.bookedHint}</p>
      <a class="btn btn-secondary mt-3 w-full" href={`/console?booking=${booking.id}`} data-testid="make-live">{w.makeLive}</a>
    </div>
  );
}

export function BookingForm() {
  const w = rosterWords.value;
  const merchants = useMerchants();
  const now = wish.value;
  const studios = roster.value?.rows.filter((row) => row.resource.kind === 'studio') ?? [];
  const first = classesOf('studio')[0]?.[0];
  useEffect(() => {
    if (first && !wish.value.studio) choose({ studio: first });
  }, [first]);
  if (me.value && merchants.length === 0) return <Empty icon="lock" text={w.noRights} />;

  const text = (key: 'merchant' | 'studio' | 'zh' | 'en' | 'day') => (event: { currentTarget: { value: string } }) =>
    choose({ [key]: event.currentTarget.value });
  return (
    <form
      class="flex flex-col gap-4" data-testid="booking-form"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(book);
      }}
    >
      {merchants.length > 1 && (
        <Field label={w.merchant}>
          <select class="select" value={now.merchant} onChange={text('merchant')} name="merchant">
            {merchants.map((each) => <option key={each.id} value={each.id}>{told(each.name)}</option>)}
          </select>
        </Field>
      )}
      <Field label={w.studio}>
        <select class="select" value={now.studio} onChange={text('studio')} name="studio">
          {classesOf('studio').map(([key, { name }]) => <option key={key} value={key}>{w.anyOf(told(name))}</option>)}
          {studios.map(({ resource }) => <option key={resource.id} value={resource.id}>{told(resource.name)}</option>)}
        </select>
      </Field>
      <div class="grid grid-cols-2 gap-3">
        <Field label={w.day} class="col-span-2">
          <input class="input" type="date" required value={now.day} onInput={text('day')} name="day" />
        </Field>
        <Field label={w.start}>
          <Half name="from" value={now.from} first={0} onChange={(from) => choose({ from, to: Math.max(now.to, from + 30) })} />
        </Field>
        <Field label={w.end}>
          <Half name="to" value={now.to} first={now.from + 30} onChange={(to) => choose({ to })} />
        </Field>
      </div>
      <Counts kind="equipment" />
      <Counts kind="crew" />
      <Field label={w.name}><input class="input" maxLength={80} value={now.zh} onInput={text('zh')} name="zh" /></Field>
      <Field label={w.nameEn}><input class="input" maxLength={80} value={now.en} onInput={text('en')} name="en" /></Field>
      <button type="submit" class="btn btn-primary text-base" disabled={busy.value || !now.merchant || now.to <= now.from} data-testid="book">
        {busy.value && <span class="loading loading-spinner loading-sm" />}{w.bookNow}
      </button>
      {refused.value && <Refused />}
      {made.value && <Made />}
    </form>
  );
}
