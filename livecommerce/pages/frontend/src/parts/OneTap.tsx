// Paying with a kept card in one tap, and keeping the next one. Guests see nothing of it.
import { useEffect, useState } from 'preact/hooks';
import { cards, keepCard, loadCards, nameOf, tap } from '../account/cards';
import { loadMe, signedIn } from '../api/me';
import type { CheckoutOut } from '../api/wire';
import { money } from '../money';
import { payingWords } from '../words/paying';
import { Icon } from './Icon';
import { attempt, sayProblem } from './Toast';

/** What a tap can come to: it is paid, or the bank has a question. ``asked`` tells whether the
 * element goes on asking it. */
export function OneTap({ checkout, paid, asked, onBusy }: {
  checkout: CheckoutOut; paid: () => void; asked: () => Promise<boolean>; onBusy: (busy: boolean) => void;
}) {
  const w = payingWords.value;
  const [busy, work] = useState('');
  const [asks, ask] = useState(false);
  const here = signedIn.value;
  useEffect(() => void loadMe(), []);
  useEffect(() => {
    if (here) void attempt(loadCards);
  }, [here]);
  useEffect(() => onBusy(busy !== '' || asks), [busy, asks]);
  if (!here) return null;

  async function pay(method: string): Promise<void> {
    work(method);
    try {
      const told = await tap(checkout.id, method);
      if (told.asks) {
        ask(true);
        ask(await asked());
      } else if (told.state === 'captured' || told.state === 'processing') paid();
    } catch (error) {
      sayProblem(error);
    } finally {
      work('');
    }
  }

  if (asks) return <p class="mx-4 mb-2 rounded-xl bg-calico px-4 py-3 text-sm text-indigo" role="status" data-testid="bank-asks">{w.asks}</p>;
  const usable = (cards.value ?? []).filter((card) => !card.expired);
  return (
    <div class="flex flex-col gap-2 px-4 pb-2">
      {usable.map((card, place) => (
        <button
          key={card.id} type="button" data-testid="tap"
          class={`btn btn-block min-h-12 rounded-full text-base ${place === 0 ? 'btn-primary' : 'btn-quiet'}`}
          disabled={busy !== ''} onClick={() => void pay(card.id)}
        >
          {busy === card.id ? <span class="loading loading-dots" /> : <Icon name="card" size={20} />}
          {w.tap(money(checkout.total), nameOf(card))}
        </button>
      ))}
      {usable.length > 0 && <p class="text-center text-sm text-quiet">{w.or}</p>}
      <Keep checkout={checkout} />
    </div>
  );
}

function Keep({ checkout }: { checkout: CheckoutOut }) {
  const w = payingWords.value;
  const [kept, put] = useState(checkout.payment.keeps);
  const [busy, work] = useState(false);
  async function change(wanted: boolean): Promise<void> {
    put(wanted);
    work(true);
    try {
      await keepCard(checkout.id, wanted);
    } catch (error) {
      put(!wanted);
      sayProblem(error);
    } finally {
      work(false);
    }
  }
  return (
    <label class="flex min-h-11 items-center gap-2.5 text-sm">
      <input type="checkbox" class="checkbox" checked={kept} disabled={busy} onChange={(event) => void change(event.currentTarget.checked)} data-testid="keep-card" />
      <span>{w.keep}<span class="block text-xs text-quiet">{w.keepHint}</span></span>
    </label>
  );
}
