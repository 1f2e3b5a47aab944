// The offers of a session as its assistant works them: what runs now, and three ways to start.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Auction, Flash, Plan } from '../api/offers';
import { Icon, type IconName } from '../parts/Icon';
import { Countdown, Empty } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { cardOf } from '../room/buying';
import { phaseOf } from '../room/offers';
import { leastText, worthText } from '../room/Promo';
import { offers, over, room } from '../room/store';
import { AuctionForm, CouponForm, FlashForm } from './OfferForms';
import { beginAuction, stop } from './offers';
import { BundleForm, DrawForm } from './PlayForms';

type Form = 'flash' | 'coupon' | 'auction' | 'draw' | 'bundle';

export function runsOffers(): boolean {
  const roles = room.value?.me.roles ?? [];
  return roles.includes('merchant:assistant') || roles.includes('merchant:owner');
}

function Row({ icon, title, children, onStop, testid }: {
  icon: IconName | string | undefined; title: string; children: ComponentChildren;
  onStop?: (() => Promise<unknown>) | undefined; testid: string;
}) {
  const w = offerWords.value;
  const picture = icon === undefined || icon.includes('/');
  return (
    <li class="flex items-center gap-3 rounded-2xl border border-base-300 p-2.5" data-testid={testid}>
      {picture ? <Picture src={icon} class="size-14 shrink-0 overflow-hidden rounded-xl" /> : <span class="grid size-14 shrink-0 place-items-center rounded-xl bg-primary text-primary-content"><Icon name={icon as IconName} size={24} /></span>}
      <div class="min-w-0 flex-1">
        <p class="truncate text-sm font-semibold">{title}</p>
        <div class="flex flex-wrap gap-x-3 text-xs text-quiet">{children}</div>
      </div>
      {onStop && <button type="button" class="btn btn-quiet" onClick={() => void attempt(onStop)} data-testid="offer-stop">{w.stop}</button>}
    </li>
  );
}

function FlashRow({ flash }: { flash: Flash }) {
  const w = offerWords.value;
  const card = cardOf(flash.card);
  const coming = phaseOf(flash) === 'coming';
  const price = Object.values(flash.prices).sort((a, b) => a.minor - b.minor)[0];
  return (
    <Row icon={card?.pictures[0]} title={`${w.flash} · ${told(card?.title)}`} onStop={() => stop('flash', flash.id)} testid="flash-row">
      {price && <b class="text-success">{money(price)}</b>}
      <span>{w.leftOf(flash.left, flash.total)}</span>
      <span class={coming ? 'text-indigo' : 'text-success'}>{coming ? w.opensIn : w.endsIn} <Countdown until={coming ? flash.opens_at : flash.closes_at} class="font-semibold" /></span>
    </Row>
  );
}

function PlanRow({ plan }: { plan: Plan }) {
  const w = offerWords.value;
  return (
    <Row icon="ticket" title={`${w.coupon} · ${told(plan.title)}`} onStop={() => stop('coupons', plan.id)} testid="plan-row">
      <b class="text-primary">{worthText(plan)}</b><span>{leastText(plan)}</span>
      <span>{w.leftOf(plan.left, plan.stock)}</span>
      {plan.closes_at && <span>{w.endsIn} <Countdown until={plan.closes_at} class="font-semibold" /></span>}
    </Row>
  );
}

function AuctionRow({ each }: { each: Auction }) {
  const w = offerWords.value;
  const card = cardOf(each.card);
  const waits = each.state === 'announced';
  return (
    <Row icon={card?.pictures[0]} title={`${w.auction} · ${told(card?.title)}`} onStop={waits ? () => stop('auctions', each.id) : undefined} testid="auction-row">
      <b class="text-secondary">{money(each.price ?? each.opening)}</b>
      <span>{w.bids(each.bids)}</span>
      {each.state === 'sold' && each.price && <span class="text-success">{w.soldTo(each.leader_name ?? '', money(each.price))}</span>}
      {each.state === 'unsold' && <span>{w.unsold}</span>}
      {each.state === 'running' && each.ends_at && <span>{each.leader_name ? w.leader(each.leader_name) : w.nobody} · {w.endsIn} <Countdown until={each.ends_at} class="font-semibold text-primary" /></span>}
      {waits && <button type="button" class="font-semibold text-indigo underline" onClick={() => void attempt(() => beginAuction(each.id))}>{w.go}</button>}
    </Row>
  );
}

export function OffersPanel() {
  const w = offerWords.value;
  const [form, open] = useState<Form | null>(null);
  const { flash, coupons, auctions, bundles, draw } = offers.value;
  const close = () => open(null);
  const ways: [Form, IconName, string][] = [['flash', 'bolt', w.startFlash], ['coupon', 'ticket', w.startCoupon], ['auction', 'gavel', w.startAuction], ['draw', 'gift', w.startDraw], ['bundle', 'plus', w.startBundle]];
  return (
    <section class="panel flex min-h-0 flex-1 flex-col" aria-labelledby="offers-heading" data-testid="offers-panel">
      <h2 id="offers-heading" class="px-4 pt-3 pb-2 font-serif text-lg font-semibold">{w.tab}</h2>
      {runsOffers() && !over.value ? (
        <div class="grid grid-cols-3 gap-2 px-4 pb-3">
          {ways.map(([kind, icon, label]) => (
            <button key={kind} type="button" class="btn btn-quiet h-auto flex-col gap-1 py-2.5" onClick={() => open(kind)} data-testid={`start-${kind}`}><Icon name={icon} size={22} />{label}</button>
          ))}
        </div>
      ) : <p class="px-4 pb-3 text-sm text-quiet">{w.assistantOnly}</p>}
      <div class="thin-bar min-h-0 flex-1 overflow-y-auto px-4 pb-4" tabIndex={0} role="region" aria-label={w.running}>
        {flash.length + coupons.length + auctions.length + bundles.length === 0 && !draw ? <Empty icon="ticket" text={w.nothing} /> : (
          <ul class="flex flex-col gap-2">
            {auctions.map((each) => <AuctionRow key={each.id} each={each} />)}
            {flash.map((each) => <FlashRow key={each.id} flash={each} />)}
            {draw && (
              <Row icon="gift" title={`${w.draw} · ${w.prizes(told(draw.prize), draw.prizes)}`} testid="draw-row">
                <span>{w.conditions[draw.condition]}</span><span>{w.entries(draw.entries)}</span>
                {draw.state === 'open' ? <span>{w.drawsIn} <Countdown until={draw.closes_at} class="font-semibold text-primary" /></span> : <span>{w.winners}: {draw.winners.join(', ') || w.noWinners}</span>}
              </Row>
            )}
            {bundles.map((each) => (
              <Row key={each.id} icon="plus" title={each.cards.map((card) => told(cardOf(card)?.title)).join(' + ')} onStop={() => stop('bundles', each.id)} testid="bundle-row">
                <b class="text-accent">{each.off ? w.together(money(each.off)) : w.second(each.nth, each.percent ?? 0)}</b>
              </Row>
            ))}
            {coupons.map((each) => <PlanRow key={each.id} plan={each} />)}
          </ul>
        )}
      </div>
      {form === 'flash' && <FlashForm onClose={close} />}
      {form === 'coupon' && <CouponForm onClose={close} />}
      {form === 'auction' && <AuctionForm onClose={close} />}
      {form === 'draw' && <DrawForm onClose={close} />}
      {form === 'bundle' && <BundleForm onClose={close} />}
    </section>
  );
}
