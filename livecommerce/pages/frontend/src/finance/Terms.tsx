// What is agreed with a merchant: shown, and agreed anew from now on.
import { useState } from 'preact/hooks';
import { get, newKey, post } from '../api/http';
import type { ChargeMode, MerchantOut, PlanOut } from '../api/money';
import { Field, useAsked, Waiting } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { dayAndTime } from '../time';
import { told } from '../words/lang';
import { moneyWords } from '../words/money';
import { shared } from '../words/shared';

/** Per cent as people type them, in hundredths of a percent; null when it is none. */
function bpsOf(text: string): number | null {
  const match = /^\d{1,3}(\.\d{1,2})?$/.exec(text.trim());
  const bps = match ? Math.round(Number(match[0]) * 100) : NaN;
  return bps <= 10_000 ? bps : null;
}

export function describe(plan: PlanOut | undefined): string {
  const w = moneyWords.value;
  if (!plan) return w.standard;
  const rate = (bps: number) => `${bps / 100} %`;
  return [
    `${w.commission} ${rate(plan.bps)}`, plan.subsidy_bps ? w.subsidised(rate(plan.subsidy_bps)) : '',
    plan.charge_mode === 'destination' ? w.chargeModes.destination : w.holdDays(plan.hold_days), plan.reserve_bps ? w.reserveOf(rate(plan.reserve_bps), plan.reserve_days) : '',
    plan.settles_in ? w.settledIn(plan.settles_in) : '',
  ].filter(Boolean).join(' · ');
}

function Form({ plan, path, done }: { plan: PlanOut | undefined; path: string; done: () => void }) {
  const w = moneyWords.value;
  const [typed, put] = useState({
    bps: String((plan?.bps ?? 500) / 100), subsidy_bps: String((plan?.subsidy_bps ?? 0) / 100),
    hold_days: String(plan?.hold_days ?? 7), reserve_bps: String((plan?.reserve_bps ?? 0) / 100), reserve_days: String(plan?.reserve_days ?? 90),
    settles_in: plan?.settles_in ?? '',
  });
  const [mode, choose] = useState<ChargeMode>(plan?.charge_mode ?? 'separate');
  const atOnce = mode === 'destination';
  const rates = { bps: bpsOf(typed.bps), subsidy_bps: bpsOf(typed.subsidy_bps), reserve_bps: bpsOf(typed.reserve_bps) };
  const wrong = Object.values(rates).includes(null) || !/^\d{1,3}$/.test(typed.hold_days) || !/^\d{1,3}$/.test(typed.reserve_days)
    || !/^([A-Za-z]{3})?$/.test(typed.settles_in.trim());
  const agree = () => attempt(async () => {
    const days = { hold_days: atOnce ? 0 : Number(typed.hold_days), reserve_days: Number(typed.reserve_days) };
    const kept = atOnce ? { reserve_bps: 0 } : {};
    const settles_in = typed.settles_in.trim().toUpperCase() || null;
    await post(path, { ...rates, ...kept, ...days, settles_in, charge_mode: mode, minimums: plan?.minimums ?? {}, caps: plan?.caps ?? {} }, newKey());
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
      <p class="text-xs text-quiet">{w.fromNow}</p>
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
        {(plans) => (
          <div class="flex flex-col gap-4 px-5 py-5">
            <p class="rounded-xl bg-base-200 p-3 text-sm">{describe(plans[0])}{plans[0] && <span class="mt-1 block text-xs text-quiet">{dayAndTime(plans[0].valid_from)}</span>}</p>
            <Form key={plans[0]?.id ?? 'first'} plan={plans[0]} path={path} done={onClose} />
          </div>
        )}
      </Waiting>
    </Sheet>
  );
}
