// Forms that start a flash price, a coupon or an auction, with the parameters each has.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { CardOut } from '../api/wire';
import { Field } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { majorOf, minorOf, money } from '../money';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { optionsText } from '../room/Basket';
import { cards } from '../room/store';
import { startAuction, startCoupon, startFlash } from './offers';

export type Kept<T> = [T, (changed: Partial<T>) => void];

export function useKept<T extends object>(first: T): Kept<T> {
  const [state, put] = useState(first);
  return [state, (changed) => put((before) => ({ ...before, ...changed }))];
}

export function NumberField({ label, value, onPut, testid, hint }: {
  label: string; value: string; onPut: (text: string) => void; testid: string; hint?: string;
}) {
  return (
    <Field label={label} {...(hint ? { hint } : {})}>
      <input class="input" inputMode="decimal" value={value} onInput={(event) => onPut(event.currentTarget.value)} data-testid={testid} />
    </Field>
  );
}

export function whole(text: string, from: number, to: number): number | null {
  const value = /^\d{1,7}$/.test(text.trim()) ? parseInt(text, 10) : NaN;
  return value >= from && value <= to ? value : null;
}

function Product({ card, onChoose }: { card: CardOut | undefined; onChoose: (card: string) => void }) {
  const w = offerWords.value;
  return (
    <div class="flex items-end gap-3">
      <Picture src={card?.pictures[0]} class="size-16 shrink-0 overflow-hidden rounded-xl" />
      <Field label={w.product} class="min-w-0 flex-1">
        <select class="select" value={card?.id} onChange={(event) => onChoose(event.currentTarget.value)} data-testid="offer-card">
          {cards.value.map((each) => <option key={each.id} value={each.id}>{told(each.title)}</option>)}
        </select>
      </Field>
    </div>
  );
}

export function Form({ title, sound, onClose, work, children, testid }: {
  title: string; sound: boolean; onClose: () => void; work: () => Promise<unknown>;
  children: ComponentChildren; testid: string;
}) {
  const w = offerWords.value;
  const [busy, hold] = useState(false);
  async function go(): Promise<void> {
    if (busy) return;
    hold(true);
    const done = await attempt(async () => {
      await work();
      return true;
    });
    hold(false);
    if (done) {
      say(w.started);
      onClose();
    }
  }
  return (
    <Sheet open drawer title={title} onClose={onClose} testid={testid}>
      <form class="flex flex-col gap-4 px-5 py-4" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        {children}
        <button type="submit" class="btn btn-primary btn-block" disabled={!sound || busy} data-testid="offer-go">{w.go}</button>
      </form>
    </Sheet>
  );
}

export function FlashForm({ onClose }: { onClose: () => void }) {
  const w = offerWords.value;
  const [s, set] = useKept({ card: cards.value[0]?.id ?? '', percent: '30', total: '20', each: '1', countdown: '10', lasts: '60', days: '30' });
  const card = cards.value.find((each) => each.id === s.card);
  const percent = whole(s.percent, 1, 90);
  const prices = Object.fromEntries((card?.variants ?? []).map((each) => [each.id, Math.max(1, Math.round((each.price.minor * (100 - (percent ?? 0))) / 100))]));
  const total = whole(s.total, 1, 100_000);
  const each = whole(s.each, 1, 99);
  const countdown = whole(s.countdown, 10, 300);
  const lasts = whole(s.lasts, 30, 1200);
  const days = whole(s.days, 14, 30);
  const sound = card !== undefined && percent !== null && total !== null && each !== null && each <= total && countdown !== null && lasts !== null && days !== null;
  return (
    <Form
      title={w.startFlash} sound={sound} onClose={onClose} testid="flash-form"
      work={() => startFlash({ card: s.card, prices, total: total ?? 1, per_buyer: each ?? 1, countdown_s: countdown ?? 10, lasts_s: lasts ?? 60, recent_days: days ?? 30 })}
    >
      <Product card={card} onChoose={(chosen) => set({ card: chosen })} />
      <NumberField label={w.percent} value={s.percent} onPut={(percent) => set({ percent })} testid="flash-percent" hint={w.mustBeBelow} />
      <ul class="rounded-xl bg-base-200 p-3 text-sm">
        {card?.variants.slice(0, 6).map((variant) => (
          <li key={variant.id} class="flex justify-between gap-3 py-0.5">
            <span class="truncate text-quiet">{optionsText(card, variant.id) || variant.sku}</span>
            <span class="whitespace-nowrap"><s class="mr-2 text-quiet">{money(variant.price)}</s><b class="text-success">{money({ ...variant.price, minor: prices[variant.id] ?? 0 })}</b></span>
          </li>
        ))}
      </ul>
      <div class="grid grid-cols-2 gap-3">
        <NumberField label={w.total} value={s.total} onPut={(total) => set({ total })} testid="flash-total" />
        <NumberField label={w.perBuyer} value={s.each} onPut={(each) => set({ each })} testid="flash-each" />
        <NumberField label={w.countdown} value={s.countdown} onPut={(countdown) => set({ countdown })} testid="flash-countdown" />
        <NumberField label={w.lasts} value={s.lasts} onPut={(lasts) => set({ lasts })} testid="flash-lasts" />
        <NumberField label={w.recentDays} value={s.days} onPut={(days) => set({ days })} testid="flash-days" />
      </div>
    </Form>
  );
}

export function CouponForm({ onClose }: { onClose: () => void }) {
  const w = offerWords.value;
  const currency = cards.value[0]?.variants[0]?.price.currency ?? 'CNY';
  const [s, set] = useKept({ zh: '新客礼', en: 'Welcome', off: '20', least: '100', stock: '100', minutes: '10', watch: '0' });
  const off = minorOf(s.off, currency);
  const least = minorOf(s.least || '0', currency);
  const stock = whole(s.stock, 1, 1_000_000);
  const minutes = s.minutes.trim() === '' ? undefined : whole(s.minutes, 1, 300);
  const watch = whole(s.watch, 0, 3600);
  const sound = s.zh.trim() !== '' && s.en.trim() !== '' && (off ?? 0) > 0 && least !== null && stock !== null && minutes !== null && watch !== null;
  return (
    <Form
      title={w.startCoupon} sound={sound} onClose={onClose} testid="coupon-form"
      work={() => startCoupon({ title: { zh: s.zh, en: s.en }, currency, off, percent: null, least: least ?? 0, stock: stock ?? 1, minutes: minutes ?? null, watch_s: watch ?? 0 })}
    >
      <div class="grid grid-cols-2 gap-3">
        <Field label={w.title}><input class="input" maxLength={40} value={s.zh} onInput={(event) => set({ zh: event.currentTarget.value })} /></Field>
        <Field label={w.titleEn}><input class="input" maxLength={40} value={s.en} onInput={(event) => set({ en: event.currentTarget.value })} /></Field>
        <NumberField label={`${w.amount} (${currency})`} value={s.off} onPut={(text) => set({ off: text })} testid="coupon-off" />
        <NumberField label={`${w.least} (${currency})`} value={s.least} onPut={(text) => set({ least: text })} testid="coupon-least" />
        <NumberField label={w.pieces} value={s.stock} onPut={(text) => set({ stock: text })} testid="coupon-stock" />
        <NumberField label={w.watchS} value={s.watch} onPut={(text) => set({ watch: text })} testid="coupon-watch" />
      </div>
      <NumberField label={w.minutes} value={s.minutes} onPut={(text) => set({ minutes: text })} testid="coupon-minutes" />
    </Form>
  );
}

export function AuctionForm({ onClose }: { onClose: () => void }) {
  const w = offerWords.value;
  const first = cards.value[0];
  const [s, set] = useKept({ card: first?.id ?? '', variant: first?.variants[0]?.id ?? '', opening: '10', lasts: '30', counter: '10' });
  const card = cards.value.find((each) => each.id === s.card);
  const variant = card?.variants.find((each) => each.id === s.variant) ?? card?.variants[0];
  const opening = minorOf(s.opening, variant?.price.currency ?? 'CNY');
  const lasts = whole(s.lasts, 5, 300);
  const counter = whole(s.counter, 0, 10);
  const sound = variant !== undefined && (opening ?? 0) > 0 && lasts !== null && counter !== null;
  return (
    <Form
      title={w.startAuction} sound={sound} onClose={onClose} testid="auction-form"
      work={() => startAuction({ card: s.card, variant: variant?.id ?? '', opening: opening ?? 0, lasts_s: lasts ?? 30, counter_s: counter ?? 10, start: true })}
    >
      <Product card={card} onChoose={(chosen) => set({ card: chosen, variant: '' })} />
      <Field label={w.variant}>
        <select class="select" value={variant?.id} onChange={(event) => set({ variant: event.currentTarget.value })} data-testid="auction-variant">
          {card?.variants.map((each) => <option key={each.id} value={each.id}>{optionsText(card, each.id) || each.sku} · {majorOf(each.price)}</option>)}
        </select>
      </Field>
      <div class="grid grid-cols-2 gap-3">
        <NumberField label={`${w.openingLabel} (${variant?.price.currency ?? ''})`} value={s.opening} onPut={(text) => set({ opening: text })} testid="auction-opening" />
        <NumberField label={w.lasts} value={s.lasts} onPut={(text) => set({ lasts: text })} testid="auction-lasts" />
        <NumberField label={w.counterLabel} value={s.counter} onPut={(text) => set({ counter: text })} testid="auction-counter" />
      </div>
    </Form>
  );
}
