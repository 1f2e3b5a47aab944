// The shelf as viewers see it: every product at its live price, and what is left of it.
import type { CardOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { openPicker, step } from './buying';
import { COUNTRIES, country, countryName, shipTo } from './destination';
import { Bars, Left } from './ExplainCard';
import { seekTo } from './Player';
import { FlashLine, FlashPrice } from './FlashPrice';
import { flashing, flashOf, phaseOf } from './offers';
import { cheapest, isVaried, Price } from './prices';
import { AskButton, BundleNotes, WaitButton } from './Wishes';
import { cards, explaining, leftOfCard, load, onAir, over, room } from './store';

export function ShipTo({ class: extra = '' }: { class?: string }) {
  const w = roomWords.value;
  async function choose(to: string): Promise<void> {
    shipTo(to);
    const live = room.value?.live.id;
    if (live) await load(live);
  }
  return (
    <label class={`flex items-center gap-2 text-sm text-quiet ${extra}`}>
      <Icon name="truck" size={18} />
      <span>{w.shipTo}</span>
      <select class="select h-11 w-auto flex-1 rounded-full border-base-300 py-0" value={country.value} onChange={(event) => void choose(event.currentTarget.value)} data-testid="ship-to">
        {COUNTRIES.map((code) => <option key={code} value={code}>{countryName(code)}</option>)}
      </select>
    </label>
  );
}

function Row({ card, index }: { card: CardOut; index: number }) {
  const w = roomWords.value;
  const left = leftOfCard(card);
  const variant = cheapest(card);
  const flash = flashOf(card);
  const now = explaining.value?.card === card.id;
  const chapter = room.value?.replay?.chapters.find((each) => each.card === card.id);
  return (
    <li class={`flex gap-3 rounded-2xl p-2.5 ${now ? 'bg-[#fbeee6]' : ''}`} data-testid="shelf-row" data-card={card.id}>
      <div class="relative shrink-0">
        <Picture src={card.pictures[0]} alt="" class={`size-20 overflow-hidden rounded-xl ${left === 0 ? 'grayscale' : ''}`} />
        {chapter && (
          <button type="button" class="absolute inset-0 grid place-items-center rounded-xl bg-black/25 text-white hover:bg-black/40" aria-label={`${w.watchExplain}: ${told(card.title)}`} title={w.watchExplain} onClick={() => { seekTo(chapter.start + 0.05); step.value = 'closed'; }} data-testid="watch-explain">
            <span class="grid size-9 place-items-center rounded-full bg-black/60"><Icon name="play" size={16} fill /></span>
          </button>
        )}
        <span class="pointer-events-none absolute top-0 left-0 grid h-6 min-w-6 place-items-center rounded-tl-xl rounded-br-xl bg-black/65 px-1.5 text-xs font-bold text-white">{index + 1}</span>
      </div>
      <div class="flex min-w-0 flex-1 flex-col">
        {flash && phaseOf(flash) !== 'gone' && <FlashLine card={card} flash={flash} />}
        <p class="line-clamp-2 text-sm leading-snug font-medium">{told(card.title)}</p>
        <div class="mt-0.5 flex min-h-5 flex-wrap items-center gap-x-2">
          {now && <span class="inline-flex items-center gap-1 text-xs font-bold text-primary"><Bars />{w.explaining}</span>}
          <Left count={left} />
          {onAir.value && !now && <AskButton card={card} />}
        </div>
        <BundleNotes card={card} />
        <div class="mt-auto flex flex-wrap items-center justify-between gap-1">
          {variant && (flashing(card, variant) ? <FlashPrice card={card} variant={variant} /> : <Price variant={variant} from={isVaried(card)} />)}
          <span class="ml-auto">
            {left === 0 && variant && !over.value ? <WaitButton card={card} variant={variant} /> : (
              <button type="button" class="btn btn-primary rounded-full px-4" disabled={left === 0} onClick={() => openPicker(card)} data-testid="shelf-buy">
                {left === 0 ? w.soldOut : w.choose}
              </button>
            )}
          </span>
        </div>
      </div>
    </li>
  );
}

export function Shelf() {
  return (
    <ol class="flex flex-col gap-0.5" data-testid="shelf">
      {cards.value.map((card, index) => <Row key={card.id} card={card} index={index} />)}
    </ol>
  );
}
