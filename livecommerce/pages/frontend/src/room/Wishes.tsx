// What a viewer may wish of a product: to see it, to have one when it is back, to pay less together.
import type { CardOut, VariantOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { offerWords } from '../words/offers';
import { askedFor, askFor, busy, joinLine, waitingFor } from './offers';
import { offers } from './store';

export function AskButton({ card }: { card: CardOut }) {
  const w = offerWords.value;
  const count = offers.value.wishes[card.id] ?? 0;
  const mine = askedFor.value[card.id] === true && count > 0;
  return (
    <button type="button" aria-pressed={mine} disabled={mine || busy.value !== ''} class={`inline-flex min-h-8 items-center gap-1 rounded-full px-2 text-xs font-semibold ${mine ? 'bg-calico text-indigo' : 'text-indigo hover:bg-calico'}`} onClick={() => void attempt(() => askFor(card.id))} data-testid="ask-for">
      <Icon name="hand" size={14} />{mine ? w.asked : w.ask}{count > 0 && ` · ${count}`}
    </button>
  );
}

export function WaitButton({ card, variant }: { card: CardOut; variant: VariantOut }) {
  const w = offerWords.value;
  const ahead = waitingFor.value[variant.id];
  if (ahead !== undefined) return <span class="text-xs font-semibold text-success" data-testid="waits">{w.waits(ahead)}</span>;
  return (
    <button type="button" class="btn btn-quiet rounded-full px-4" disabled={busy.value !== ''} onClick={() => void attempt(() => joinLine(card.id, variant.id))} data-testid="wait-for">
      <Icon name="clock" size={16} />{w.waitFor}
    </button>
  );
}

export function BundleNotes({ card }: { card: CardOut }) {
  const w = offerWords.value;
  const mine = offers.value.bundles.filter((each) => each.cards.includes(card.id));
  return (
    <>
      {mine.map((each) => (
        <p key={each.id} class="mt-0.5 inline-flex w-fit items-center gap-1 rounded-md bg-[#fdf3df] px-1.5 py-0.5 text-[11px] font-semibold text-accent" data-testid="bundle-note">
          <Icon name="plus" size={12} />{each.off ? w.together(money(each.off)) : w.second(each.nth, each.percent ?? 0)}
        </p>
      ))}
    </>
  );
}
