// The auction over the picture: the price, who leads, the clock, and one large button to bid.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Auction } from '../api/offers';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { attempt } from '../parts/Toast';
import { majorOf, minorOf, money } from '../money';
import { lasting, second } from '../time';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { optionsText } from './Basket';
import { cardOf, openBag, recallHolds } from './buying';
import { auction, bid, busy, standingIn, type Standing } from './offers';
import { room } from './store';

const LOOK: Record<Standing, string> = {
  leading: 'bg-success text-success-content',
  outbid: 'bg-primary text-primary-content',
  none: 'bg-secondary text-secondary-content',
};

function left(each: Auction): number {
  return each.ends_at ? Math.max(0, (Date.parse(each.ends_at) - second.value) / 1000) : each.lasts_s;
}

function useOutbid(stands: Standing): void {
  const before = useRef(stands);
  useEffect(() => {
    if (before.current === 'leading' && stands === 'outbid' && 'vibrate' in navigator) navigator.vibrate(200);
    before.current = stands;
  }, [stands]);
}

function MostForm({ each, onDone }: { each: Auction; onDone: () => void }) {
  const w = offerWords.value;
  const [text, put] = useState('');
  const most = minorOf(text, each.least.currency);
  return (
    <form class="mt-2 flex items-end gap-2" onSubmit={(event) => {
      event.preventDefault();
      if (most !== null) void attempt(() => bid(each, most)).then((stands) => stands && onDone());
    }}
    >
      <label class="min-w-0 flex-1 text-xs text-quiet">{w.mostLabel}
        <input class="input mt-1" inputMode="decimal" value={text} placeholder={majorOf(each.least)} onInput={(event) => put(event.currentTarget.value)} data-testid="most" />
      </label>
      <button type="submit" class="btn btn-secondary rounded-full" disabled={most === null || most < each.least.minor || busy.value !== ''} data-testid="bid-most">{w.bidMost}</button>
    </form>
  );
}

function Ended({ each }: { each: Auction }) {
  const w = offerWords.value;
  const mine = each.state === 'sold' && each.leader === room.value?.me.id;
  useEffect(() => {
    if (mine) void recallHolds(room.value?.live.id ?? '');
  }, [mine]);
  if (each.state !== 'sold' || !each.price) return <p class="font-semibold" data-testid="auction-over">{w.unsold}</p>;
  if (!mine) return <p class="font-semibold" data-testid="auction-over">{w.soldTo(each.leader_name ?? '', money(each.price))}</p>;
  return (
    <div class="flex items-center justify-between gap-3" data-testid="auction-won">
      <p class="font-serif text-lg font-bold text-success">{w.youWon(money(each.price))}</p>
      <button type="button" class="btn btn-success rounded-full" onClick={() => openBag('mine')} data-testid="pay-won">{w.payNow}</button>
    </div>
  );
}

function Bidding({ each, stands }: { each: Auction; stands: Standing }) {
  const w = offerWords.value;
  const [more, show] = useState(false);
  const leads = stands === 'leading';
  return (
    <>
      <p class={`mb-2 flex items-center gap-1.5 text-sm font-semibold ${leads ? 'text-success' : stands === 'outbid' ? 'text-primary' : 'text-quiet'}`} role="status" data-testid="auction-standing" data-stands={stands}>
        {leads ? w.youLead : stands === 'outbid' ? w.outbid : each.leader_name ? w.leader(each.leader_name) : w.nobody}
        <span class="ml-auto text-xs font-normal text-quiet">{w.bids(each.bids)}</span>
      </p>
      <div class="flex gap-2">
        <button type="button" class={`btn min-w-0 flex-1 rounded-full border-0 text-base ${LOOK[stands]}`} disabled={leads || busy.value !== ''} onClick={() => void attempt(() => bid(each, each.least.minor))} data-testid="bid">
          <Icon name="gavel" size={18} />{leads ? w.youLead : w.bid(money(each.least))}
        </button>
        <button type="button" class="btn btn-quiet btn-square rounded-full" aria-expanded={more} aria-label={w.mostLabel} onClick={() => show(!more)} data-testid="bid-more"><Icon name={more ? 'down' : 'up'} size={18} /></button>
      </div>
      {more && <MostForm each={each} onDone={() => show(false)} />}
    </>
  );
}

export function AuctionCard() {
  const w = offerWords.value;
  const each = auction.value;
  const stands = each ? standingIn(each) : 'none';
  useOutbid(stands);
  if (!each) return null;
  const card = cardOf(each.card);
  const runs = each.state === 'running';
  const rest = left(each);
  const open = runs || each.state === 'announced';
  return (
    <section class={`settle rounded-2xl bg-base-100 p-3 text-base-content shadow-lift ring-2 ${stands === 'leading' ? 'ring-success' : stands === 'outbid' ? 'ring-primary' : 'ring-transparent'}`} aria-label={w.auction} data-testid="auction" data-state={each.state}>
      <div class="mb-2 flex items-center gap-3">
        <Picture src={card?.pictures[0]} class="size-14 shrink-0 overflow-hidden rounded-xl" />
        <div class="min-w-0 flex-1">
          <p class="flex items-center gap-1.5 text-xs font-bold text-secondary"><Icon name="gavel" size={14} />{each.state === 'announced' ? w.auctionSoon : w.auction}</p>
          <p class="truncate text-sm font-semibold">{told(card?.title)}</p>
          <p class="truncate text-xs text-quiet">{optionsText(card, each.variant)}</p>
        </div>
        <div class="text-right">
          <p class="text-[11px] text-quiet">{each.price ? w.nowAt : w.opening}</p>
          <p class="font-serif text-[28px] leading-none font-bold" data-testid="auction-price">{money(each.price ?? each.opening)}</p>
        </div>
      </div>
      {runs && (
        <div class="mb-2 flex items-center gap-2 text-xs text-quiet">
          <div class="h-1.5 flex-1 overflow-hidden rounded-full bg-base-300"><div class={`h-full rounded-full ${rest <= 10 ? 'bg-primary' : 'bg-secondary'}`} style={{ width: `${Math.min(100, (rest / each.lasts_s) * 100)}%` }} /></div>
          <time class={`font-semibold tabular-nums ${rest <= 10 ? 'text-primary' : ''}`}>{lasting(rest)}</time>
          <span>{each.counter_s > 0 ? w.counter(each.counter_s) : w.sudden}</span>
        </div>
      )}
      {open ? <Bidding each={each} stands={stands} /> : <Ended each={each} />}
    </section>
  );
}
