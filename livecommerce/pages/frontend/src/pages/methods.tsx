// The cards one keeps with the payment provider: look, and remove.
import { useEffect, useState } from 'preact/hooks';
import { cards, forgetCard, loadCards, nameOf } from '../account/cards';
import type { KeptCard } from '../api/buyer';
import { Problem } from '../api/http';
import { loadMe, signedIn } from '../api/me';
import { Barred } from '../parts/Barred';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { Empty } from '../parts/pieces';
import { show } from '../parts/show';
import { attempt, say } from '../parts/Toast';
import { buyerWords } from '../words/buyer';
import { payingWords } from '../words/paying';
import { shared } from '../words/shared';

function Card({ card }: { card: KeptCard }) {
  const w = payingWords.value;
  const [busy, work] = useState(false);
  const name = nameOf(card);
  async function forget(): Promise<void> {
    work(true);
    await attempt(async () => {
      await forgetCard(card.id);
      say(w.removed);
    });
    work(false);
  }
  return (
    <li class="panel flex items-center gap-4 p-5" data-testid="kept-card">
      <span class="grid size-11 shrink-0 place-items-center rounded-full bg-calico text-indigo"><Icon name="card" size={22} /></span>
      <span class="min-w-0 flex-1">
        <span class="block font-semibold break-words">{name}</span>
        <span class="block text-sm text-quiet">
          {w.expires(String(card.exp_month).padStart(2, '0'), card.exp_year)}
          {card.expired && <span class="tag ml-2 bg-[#f9ebcf] text-[#6d4300]">{w.expired}</span>}
        </span>
      </span>
      <button type="button" class="btn btn-ghost btn-square" disabled={busy} aria-label={w.removeCard(name)} title={w.removeCard(name)} onClick={() => void forget()} data-testid="forget-card"><Icon name="trash" size={18} /></button>
    </li>
  );
}

function Methods() {
  const w = payingWords.value;
  const [error, fail] = useState<unknown>(null);
  async function load(): Promise<void> {
    await loadMe();
    if (!signedIn.value) throw new Problem(401, 'sign-in-first', '', {});
    await loadCards();
  }
  const again = () => void load().then(() => fail(null), fail);
  useEffect(again, []);
  const found = cards.value;
  return (
    <Frame title={w.cards}>
      <div class="mx-auto max-w-3xl">
        <div class="mb-5 flex flex-wrap items-end justify-between gap-3">
          <div class="max-w-xl"><h1 class="font-serif text-3xl font-semibold">{w.cards}</h1><p class="mt-1 text-sm leading-relaxed text-quiet">{w.cardsHint}</p></div>
          <a class="btn btn-quiet rounded-full" href="/orders"><Icon name="box" size={18} />{buyerWords.value.orders}</a>
        </div>
        {!found && error !== null && <Barred error={error} again={again} />}
        {!found && error === null && <p class="py-16 text-center" role="status"><span class="loading loading-dots loading-lg text-secondary" /><span class="sr-only">{shared.value.loading}</span></p>}
        {found && found.length === 0 && <div class="panel"><Empty icon="card" text={w.noCards} /></div>}
        {found && <ul class="flex flex-col gap-3">{found.map((card) => <Card key={card.id} card={card} />)}</ul>}
      </div>
    </Frame>
  );
}

show(Methods);
