// The promo stack: tiles at the right of the picture, each with its own clock.
import { useEffect, useState } from 'preact/hooks';
import type { Plan, Worth } from '../api/offers';
import { Icon } from '../parts/Icon';
import { Countdown } from '../parts/pieces';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { second } from '../time';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { DrawSheet } from './DrawSheet';
import { busy, coupons, loadPrizes, prizes, takeCoupon } from './offers';
import { offers, over } from './store';

export function worthText(worth: Worth): string {
  const w = offerWords.value;
  const off = worth.off ? w.off(money(worth.off)) : w.percentOff(worth.percent ?? 0);
  return worth.most && !worth.off ? `${off}, ${w.upTo(money(worth.most))}` : off;
}

export function leastText(worth: Worth): string {
  const w = offerWords.value;
  return worth.least.minor > 0 ? w.from(money(worth.least)) : w.noLeast;
}

/** A ring that empties as time runs out. */
export function Ring({ from, until, size = 52, class: extra = '' }: { from: string; until: string | null; size?: number; class?: string }) {
  const whole = until ? Date.parse(until) - Date.parse(from) : 1;
  const left = until ? Math.max(0, Math.min(1, (Date.parse(until) - second.value) / whole)) : 1;
  const r = size / 2 - 3;
  const round = 2 * Math.PI * r;
  return (
    <svg viewBox={`0 0 ${size} ${size}`} width={size} height={size} class={`absolute inset-0 -rotate-90 ${extra}`} aria-hidden="true" fill="none" stroke-width="3">
      <circle cx={size / 2} cy={size / 2} r={r} stroke="currentColor" opacity="0.25" />
      <circle cx={size / 2} cy={size / 2} r={r} stroke="currentColor" stroke-linecap="round" stroke-dasharray={`${round * left} ${round}`} />
    </svg>
  );
}

function CouponRow({ plan }: { plan: Plan }) {
  const w = offerWords.value;
  const own = coupons.value.some((each) => each.plan === plan.id);
  const gone = plan.left === 0 && !own;
  return (
    <li class="flex items-stretch overflow-hidden rounded-2xl border border-base-300" data-testid="coupon-row" data-coupon={plan.id}>
      <div class="grid w-28 shrink-0 place-items-center bg-primary px-2 py-4 text-center text-primary-content">
        <p class="font-serif text-lg leading-tight font-bold">{worthText(plan)}</p>
      </div>
      <div class="min-w-0 flex-1 px-3 py-2.5">
        <p class="truncate font-semibold">{told(plan.title)}</p>
        <p class="text-xs text-quiet">{leastText(plan)} · {w.couponLeft(plan.left)}</p>
        {plan.watch_s > 0 && <p class="text-xs text-quiet">{w.watch(plan.watch_s)}</p>}
        {plan.closes_at && <p class="text-xs text-primary">{w.endsIn} <Countdown until={plan.closes_at} class="font-semibold" /></p>}
      </div>
      <div class="grid place-items-center pr-3">
        <button type="button" class={`btn min-w-20 rounded-full ${own ? 'btn-quiet' : 'btn-primary'}`} disabled={own || gone || busy.value !== ''} onClick={() => void attempt(() => takeCoupon(plan.id))} data-testid="take-coupon">
          {own ? w.taken : gone ? w.none : w.take}
        </button>
      </div>
    </li>
  );
}

function CouponSheet({ onClose }: { onClose: () => void }) {
  const w = offerWords.value;
  return (
    <Sheet open title={w.coupons} onClose={onClose} testid="coupon-sheet">
      <ul class="flex flex-col gap-3 px-4 pt-4">{offers.value.coupons.map((plan) => <CouponRow key={plan.id} plan={plan} />)}</ul>
      <p class="px-4 pt-3 pb-5 text-xs text-quiet">{w.usedAtCheckout}</p>
    </Sheet>
  );
}

export function PromoStack({ class: extra = '' }: { class?: string }) {
  const w = offerWords.value;
  const [open, show] = useState(false);
  const plans = offers.value.coupons;
  const [drawing, showDraw] = useState(false);
  const draw = offers.value.draw;
  const lately = draw && (draw.state === 'open' || second.value - Date.parse(draw.closes_at) < 600_000);
  const won = prizes.value.some((each) => each.draw === draw?.id && each.state === 'won');
  useEffect(() => {
    if (draw?.state === 'drawn') void loadPrizes();
  }, [draw?.id, draw?.state]);
  const first = plans.find((plan) => !coupons.value.some((own) => own.plan === plan.id)) ?? plans[0];
  const mine = first && coupons.value.some((own) => own.plan === first.id);
  const tile = 'relative grid size-[52px] place-items-center rounded-full text-white shadow-lift';
  if (over.value && !open && !drawing) return null;
  return (
    <div class={`absolute right-3 z-20 flex flex-col gap-2.5 ${extra}`} data-testid="promo-stack">
      {first && (
        <button type="button" class={`${tile} ${mine ? 'bg-neutral' : 'bg-primary'}`} onClick={() => show(true)} aria-label={`${w.coupon}: ${told(first.title)}, ${worthText(first)}`} data-testid="promo-coupon">
          <Ring from={first.opens_at} until={first.closes_at} />
          <Icon name="ticket" size={22} />
          {plans.length > 1 && <span class="absolute -top-1 -right-1 grid size-5 place-items-center rounded-full bg-base-100 text-xs font-bold text-primary">{plans.length}</span>}
        </button>
      )}
      {first?.closes_at && <Countdown until={first.closes_at} class="scrim -mt-1.5 rounded-full px-1.5 text-center text-[11px] font-semibold" />}
      {draw && lately && (
        <button type="button" class={`${tile} ${won ? 'bg-success' : 'bg-accent'}`} onClick={() => showDraw(true)} aria-label={`${w.draw}: ${told(draw.prize)}`} data-testid="promo-draw" data-state={draw.state}>
          <Ring from={draw.opens_at} until={draw.closes_at} />
          <Icon name="gift" size={22} />
        </button>
      )}
      {draw?.state === 'open' && <Countdown until={draw.closes_at} class="scrim -mt-1.5 rounded-full px-1.5 text-center text-[11px] font-semibold" />}
      {open && <CouponSheet onClose={() => show(false)} />}
      {drawing && draw && <DrawSheet draw={draw} onClose={() => showDraw(false)} />}
    </div>
  );
}
