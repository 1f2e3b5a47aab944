// The product being presented, over the picture, until the next one or until it is put away.
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { openPicker } from './buying';
import { FlashLine, FlashPrice } from './FlashPrice';
import { flashing, flashOf, phaseOf } from './offers';
import { cheapest, isVaried, Price } from './prices';
import { cardHidden, few, leftOfCard, over, room, shownCard } from './store';

export function Bars() {
  return (
    <span class="inline-flex h-3 items-end gap-[2px]" aria-hidden="true">
      {[0, 0.25, 0.5].map((delay) => (
        <span key={delay} class="h-full w-[2.5px] origin-bottom rounded-full bg-current" style={{ animation: `bars 0.9s ${delay}s ease-in-out infinite` }} />
      ))}
    </span>
  );
}

export function Left({ count, class: extra = '' }: { count: number; class?: string }) {
  const w = roomWords.value;
  if (count > few.value) return null;
  return <span class={`text-xs font-semibold text-primary ${extra}`} data-testid="left">{count === 0 ? w.soldOut : w.left(count)}</span>;
}

export function ExplainCard({ class: extra = '' }: { class?: string }) {
  const w = roomWords.value;
  const card = shownCard.value;
  const variant = card && cheapest(card);
  if (!card || !variant || cardHidden.value || (over.value && !room.value?.replay)) return null;
  const left = leftOfCard(card);
  const flash = flashOf(card);
  const green = flash !== undefined && phaseOf(flash) === 'open' && flashing(card, variant) !== undefined;
  return (
    <section
      key={card.id} aria-label={`${w.explaining}: ${told(card.title)}`} data-testid="explain-card" data-card={card.id}
      data-flash={flash && phaseOf(flash)}
      class={`settle relative rounded-2xl p-2 text-base-content shadow-lift ${green ? 'bg-[#eaf5ee] ring-2 ring-success' : 'bg-base-100'} ${extra}`}
    >
      {flash && phaseOf(flash) !== 'gone' && <FlashLine card={card} flash={flash} />}
      <div class="flex items-stretch gap-3">
      <Picture src={card.pictures[0]} alt="" class="size-20 shrink-0 overflow-hidden rounded-xl" />
      <div class="flex min-w-0 flex-1 flex-col justify-between py-0.5 pr-8">
        <div class="min-w-0">
          <span class="inline-flex items-center gap-1.5 text-xs font-bold text-primary"><Bars />{w.explaining}</span>
          <p class="truncate text-sm font-semibold">{told(card.title)}</p>
        </div>
        <div class="flex items-end justify-between gap-2 pr-16">
          <div class="min-w-0">
            {green ? <FlashPrice card={card} variant={variant} class="text-base" /> : <Price variant={variant} from={isVaried(card)} class="text-base" />}
            <div class="h-4"><Left count={left} /></div>
          </div>
        </div>
      </div>
      </div>
      <button type="button" class="absolute top-0 right-0 grid size-11 place-items-center rounded-full text-quiet" aria-label={w.hideCard} onClick={() => (cardHidden.value = true)}>
        <Icon name="close" size={16} />
      </button>
      <button
        type="button" class={`btn ${green ? 'btn-success' : 'btn-primary'} absolute right-2 bottom-2 rounded-full px-5`} disabled={left === 0}
        onClick={() => openPicker(card)} data-testid="card-buy"
      >
        {left === 0 ? w.soldOut : w.buy}
      </button>
    </section>
  );
}
