// What is agreed with a merchant: shown, and agreed anew from now on.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import type { ChargeMode, MerchantOut, PlanOut } from '../api/money';
import { majorOf, minorOf, money } from '../money';
import { Field, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { longDay } from '../time';
import { told } from '../words/lang';
import { moneyWords } from '../words/money';
import { shared } from '../words/shared';

/** Per cent as people type them, in hundredths of a percent; null when it is none. */
function bpsOf(text: string): number | null {
  const match = /^\d{1,3}(\.\d{1,2})?$/.exec(text.trim());
  const bps = match ? Math.round(Number(match[0]) * 100) : NaN;
  return bps <= 10_000 ? bps : null;
}

/** Of plans, newest first: the one that orders freeze now, and the one that comes after it. */
export function inForce(plans: PlanOut[]): { current?: PlanOut | undefined; coming?: PlanOut | undefined } {
  const at = plans.findIndex((each) => each.in_force);
  const coming = at < 0 ? plans[plans.length - 1] : plans[at - 1];
  return { current: plans[at], coming };
}

/** Least and most commission of an order, a currency at a time. */
function limits(plan: PlanOut): string {
  const w = moneyWords.value;
  const of = (name: string, figures: Record<string, number>, currency: string) =>
    (figures[currency] === undefined ? '' : `${name} ${money({ minor: figures[currency], currency })}`);
  return currencies(plan).map((each) => [of(w.minimum, plan.minimums, each), of(w.cap, plan.caps, each)].filter(Boolean).join(' · ')).join(' · ');
}

function currencies(plan: PlanOut): string[] {
  return [...new Set([...Object.keys(plan.minimums), ...Object.keys(plan.caps)])].sort();
}

export function describe(plan: PlanOut | undefined): string {
  const w = moneyWords.value;
  if (!plan) return w.standard;
  const rate = (bps: number) => `${bps / 100} %`;
  return [
    `${w.commission} ${rate(plan.bps)}`, limits(plan), plan.subsidy_bps ? w.subsidised(rate(plan.subsidy_bps)) : '',
    plan.charge_mode === 'destination' ? w.chargeModes.destination : w.holdDays(plan.hold_days), plan.reserve_bps ? w.reserveOf(rate(plan.reserve_bps), plan.reserve_days) : '',
    plan.settles_in ? w.settledIn(plan.settles_in) : '',
  ].filter(Boolean).join(' · ');
}

/** What is in force, and beside it what comes, with its day. */
export function Agreed({ plans }: { plans: PlanOut[] }) {
  const w = moneyWords.value;
  const { current, coming } = inForce(plans);
  return (
    <div class="flex flex-col gap-2 text-sm" data-testid="terms">
      <p data-testid="terms-now">
        {describe(current)}
        {current && <span class="mt-0.5 block text-xs text-quiet">{w.since(longDay(current.valid_from))}</span>}
      </p>
      {coming && (
        <p class="border-t border-base-300 pt-2" data-testid="terms-coming">
          <span class="font-semibold">{w.from(longDay(coming.valid_from))}</span> {describe(coming)}
        </p>
      )}
    </div>
  );
}

interface Limit { currency: string; minimum: string; cap: string }

const typedLimits = (plan: PlanOut | undefined): Limit[] => {
  const shown = (figures: Record<string, number>, currency: string) =>
    (figures[currency] === undefined ? '' : majorOf({ minor: figures[currency], currency }));
  const agreed = plan ? currencies(plan).map((each) => ({ currency: each, minimum: shown(plan.minimums, each), cap: shown(plan.caps, each) })) : [];
  return [...agreed, { currency: '', minimum: '', cap: '' }];
};

/** The limits as they are sent; null when one of them is none. A line without a currency must be empty. */
function limitsOf(lines: Limit[]): { minimums: Record<string, number>; caps: Record<string, number> } | null {
  const minimums: Record<string, number> = {};
  const caps: Record<string, number> = {};
  for (const line of lines) {
    const currency = line.currency.trim().toUpperCase();
    if (!line.minimum.trim() && !line.cap.trim()) continue;
    if (!/^[A-Z]{3}$/.test(currency) || currency in minimums || currency in caps) return null;
    for (const [text, figures] of [[line.minimum, minimums], [line.cap, caps]] as const) {
      const minor = text.trim() ? minorOf(text, currency) : undefined;
      if (minor === null) return null;
      if (minor !== undefined) figures[currency] = minor;
    }
    if ((caps[currency] ?? Infinity) < (minimums[currency] ?? 0)) return null;
  }
  return { minimums, caps };
}

function Limits({ lines, put }: { lines: Limit[]; put: (lines: Limit[]) => void }) {
  const w = moneyWords.value;
  const change = (at: number, name: keyof Limit, value: string) => {
    const next = lines.map((each, index) => (index === at ? { ...each, [name]: value } : each));
    const last = next[next.length - 1];
    put(last && (last.currency || last.minimum || last.cap) ? [...next, { currency: '', minimum: '', cap: '' }] : next);
  };
  return (
    <fieldset>
      <legend class="field-label">{w.limits}</legend>
      <p class="mb-1.5 text-xs text-quiet">{w.limitsHint}</p>
      <ul class="flex flex-col gap-2" data-testid="limits">
        {lines.map((line, at) => (
          <li key={at} class="grid grid-cols-[5rem_1fr_1fr] gap-2" data-testid="limit">
            {(['currency', 'minimum', 'cap'] as const).map((name) => (
              <input
                key={name} class={`input ${name === 'currency' ? 'uppercase' : ''}`} name={`${name}-${at}`} aria-label={`${w.limitFields[name]} ${at + 1}`}
                placeholder={name === 'currency' ? 'EUR' : w.limitFields[name]} inputMode={name === 'currency' ? 'text' : 'decimal'} maxLength={name === 'currency' ? 3 : 16}
                value={line[name]} onInput={(event) => change(at, name, event.currentTarget.value)}
              />
            ))}
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function Form({ plan, coming, path, done }: { plan: PlanOut | undefined; coming: PlanOut | undefined; path: string; done: () => void }) {
  const w = moneyWords.value;
  const [typed, put] = useState({
    bps: String((plan?.bps ?? 500) / 100), subsidy_bps: String((plan?.subsidy_bps ?? 0) / 100),
    hold_days: String(plan?.hold_days ?? 7), reserve_bps: String((plan?.reserve_bps ?? 0) / 100), reserve_days: String(plan?.reserve_days ?? 90),
    settles_in: plan?.settles_in ?? '',
  });
  const [mode, choose] = useState<ChargeMode>(plan?.charge_mode ?? 'separate');
  const [lines, limit] = useState(typedLimits(plan));
  const limited = limitsOf(lines);
  const atOnce = mode === 'destination';
  const rates = { bps: bpsOf(typed.bps), subsidy_bps: bpsOf(typed.subsidy_bps), reserve_bps: bpsOf(typed.reserve_bps) };
  const wrong = limited === null || Object.values(rates).includes(null) || !/^\d{1,3}$/.test(typed.hold_days) || !/^\d{1,3}$/.test(typed.reserve_days)
    || !/^([A-Za-z]{3})?$/.test(typed.settles_in.trim());
  const agree = () => attempt(async () => {
    const days = { hold_days: atOnce ? 0 : Number(typed.hold_days), reserve_days: Number(typed.reserve_days) };
    const kept = atOnce ? { reserve_bps: 0 } : {};
    const settles_in = typed.settles_in.trim().toUpperCase() || null;
    await post(path, { ...rates, ...kept, ...days, settles_in, charge_mode: mode, ...limited }, newKey());
    done();
  });
  const field = (name: keyof typeof typed, label: string) => (
    <Field label={label}>
      <input class="input" inputMode="decimal" name={name} value={typed[name]} onInput={(event) => put({ ...typed, [name]: event.currentTarget.value })} />
    </Field>
  );
  return (
    <form
      class="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void agree();
      }}
    >
      <div class="grid grid-cols-2 gap-3">
        {field('bps', `${w.commission} %`)}
        {field('subsidy_bps', w.subsidyRate)}
        {!atOnce && field('hold_days', w.holdLabel)}
        {!atOnce && field('reserve_bps', w.reserveRate)}
        {!atOnce && field('reserve_days', w.reserveLabel)}
        <Field label={w.settlesInLabel}>
          <input class="input uppercase" maxLength={3} name="settles_in" placeholder={w.asSold} value={typed.settles_in} onInput={(event) => put({ ...typed, settles_in: event.currentTarget.value })} />
        </Field>
      </div>
      <Field label={w.chargeMode}>
        <select class="select w-full" name="charge_mode" value={mode} onChange={(event) => choose(event.currentTarget.value as ChargeMode)} data-testid="charge-mode">
          {(['separate', 'destination'] as const).map((each) => <option key={each} value={each}>{w.chargeModes[each]}</option>)}
        </select>
      </Field>
      <Limits lines={lines} put={limit} />
      <p class="text-xs text-quiet">{w.fromNow}{coming && ` ${w.until(longDay(coming.valid_from))}`}</p>
      <button type="submit" class="btn btn-primary" disabled={wrong} data-testid="agree">{shared.value.save}</button>
    </form>
  );
}

export function TermsSheet({ merchant, onClose }: { merchant: MerchantOut; onClose: () => void }) {
  const w = moneyWords.value;
  const path = `/v1/merchants/${merchant.id}/plans`;
  const asked = useAsked(() => get<PlanOut[]>(path), [path]);
  return (
    <Sheet open title={`${w.terms} · ${told(merchant.name)}`} onClose={onClose} testid="terms-sheet">
      <Waiting asked={asked}>
        {(plans) => {
          const { current, coming } = inForce(plans);
          return (
            <div class="flex flex-col gap-4 px-5 py-5">
              <div class="rounded-xl bg-base-200 p-3"><Agreed plans={plans} /></div>
              <Form key={current?.id ?? 'first'} plan={current} coming={coming} path={path} done={onClose} />
            </div>
          );
        }}
      </Waiting>
    </Sheet>
  );
}
