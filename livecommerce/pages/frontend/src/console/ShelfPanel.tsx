// The shelf as its assistant works it: number keys explain, arrows arrange.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CardOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Empty } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { told } from '../words/lang';
import { consoleWords } from '../words/console';
import { offerWords } from '../words/offers';
import { Bars } from '../room/ExplainCard';
import { cheapest } from '../room/prices';
import { cards, leftOfCard, offers, onAir, onStage } from '../room/store';
import { busy, explain, move, stopExplaining, takeOff } from './store';

export const pricing = signal<CardOut | null>(null);
export const adding = signal(false);

function useHotkeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (target?.closest('input, textarea, select, dialog') || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!/^\d$/.test(event.key) || !onAir.value) return;
      if (event.key === '0') {
        if (onStage.value) void attempt(stopExplaining);
        return;
      }
      const card = cards.value[Number(event.key) - 1];
      if (card) void attempt(() => explain(card.id));
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function Row({ card, index, last }: { card: CardOut; index: number; last: boolean }) {
  const w = consoleWords.value;
  const now = onStage.value === card.id;
  const o = offerWords.value;
  const waiting = card.variants.reduce((sum, each) => sum + (offers.value.waiting[each.id] ?? 0), 0);
  const left = leftOfCard(card);
  const variant = cheapest(card);
  const title = told(card.title);
  return (
    <li class={`rounded-2xl border p-2.5 ${now ? 'border-primary bg-[#fdf1ea]' : 'border-transparent'}`} data-testid="console-card" data-card={card.id}>
      <div class="flex gap-3">
        <div class="relative shrink-0">
          <Picture src={card.pictures[0]} class="size-16 overflow-hidden rounded-xl" />
          <kbd class="absolute -top-1.5 -left-1.5 grid size-6 place-items-center rounded-lg border border-base-300 bg-base-100 text-xs font-bold">{index + 1}</kbd>
        </div>
        <div class="min-w-0 flex-1">
          <p class="truncate text-sm font-semibold">{title}</p>
          <p class="flex flex-wrap gap-x-2 text-xs text-quiet">
            {variant && <span class="font-semibold text-primary">{money(variant.price)}</span>}
            <span class={left <= 10 ? 'font-semibold text-primary' : ''} data-testid="card-left">{w.left(left)}</span>
            {(offers.value.wishes[card.id] ?? 0) > 0 && <span class="inline-flex items-center gap-0.5 font-semibold text-indigo" data-testid="wishes"><Icon name="hand" size={13} />{o.wishes(offers.value.wishes[card.id] ?? 0)}</span>}
            {waiting > 0 && <span class="font-semibold text-indigo">{o.waiting(waiting)}</span>}
            {card.explained_times > 0 && <span>{w.explained(card.explained_times)}</span>}
          </p>
          <div class="-mb-1 -ml-2.5 flex">
            <button type="button" class="grid size-9 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-200 disabled:opacity-30" disabled={index === 0} aria-label={w.up(title)} onClick={() => void attempt(() => move(card.id, -1))}><Icon name="up" size={16} /></button>
            <button type="button" class="grid size-9 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-200 disabled:opacity-30" disabled={last} aria-label={w.down(title)} onClick={() => void attempt(() => move(card.id, 1))}><Icon name="down" size={16} /></button>
            <button type="button" class="grid size-9 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-200" aria-label={w.price(title)} onClick={() => (pricing.value = card)}><Icon name="card" size={16} /></button>
            <button type="button" class="grid size-9 place-items-center pointer-coarse:size-11 rounded-lg text-quiet hover:bg-base-200" aria-label={w.drop(title)} onClick={() => void attempt(() => takeOff(card.id))}><Icon name="trash" size={16} /></button>
          </div>
        </div>
        {now ? (
          <button type="button" class="btn h-auto min-h-16 w-24 flex-col gap-0.5 btn-primary px-1" onClick={() => void attempt(stopExplaining)} data-testid="stop-explain">
            <span class="inline-flex items-center gap-1.5 text-xs"><Bars />{w.explaining}</span>
            <span class="text-xs font-normal">{w.stopExplain}</span>
          </button>
        ) : (
          <button type="button" class="btn btn-secondary h-auto min-h-16 w-24 px-1 text-base" disabled={!onAir.value || busy.value !== ''} onClick={() => void attempt(() => explain(card.id))} data-testid="explain">
            {w.explain}
          </button>
        )}
      </div>
    </li>
  );
}

export function ShelfPanel() {
  const w = consoleWords.value;
  useHotkeys();
  const rows = cards.value;
  return (
    <section class="panel flex min-h-0 flex-1 flex-col" aria-labelledby="shelf-heading">
      <div class="flex items-center gap-2 px-4 pt-3 pb-1">
        <h2 id="shelf-heading" class="font-serif text-lg font-semibold">{w.shelf}</h2>
        <span class="tag bg-base-200 text-quiet">{rows.length}</span>
        <button type="button" class="btn btn-quiet ml-auto" onClick={() => (adding.value = true)} data-testid="add-product"><Icon name="plus" size={18} />{w.addProduct}</button>
      </div>
      <p class="px-4 pb-1.5 text-xs text-quiet pointer-coarse:hidden">{w.hotkeys}</p>
      <div class="thin-bar min-h-0 flex-1 overflow-y-auto px-2 pb-3" tabIndex={0} role="region" aria-label={w.shelf}>
        {rows.length === 0 ? <Empty icon="bag" text={w.emptyShelf} /> : (
          <ol class="flex flex-col gap-1 pt-1.5">{rows.map((card, index) => <Row key={card.id} card={card} index={index} last={index === rows.length - 1} />)}</ol>
        )}
      </div>
    </section>
  );
}
