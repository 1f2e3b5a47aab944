// Choosing the exact thing: a value in every dimension, and how many.
import { useState } from 'preact/hooks';
import type { CardOut, VariantOut } from '../api/wire';
import { addItem } from '../cart/cart';
import { attempt, say } from '../parts/Toast';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { money } from '../money';
import { longDay } from '../time';
import { buyerWords } from '../words/buyer';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { optionsText } from './Basket';
import { busy, claim, openBag } from './buying';
import { Left } from './ExplainCard';
import { FlashLine, FlashPrice } from './FlashPrice';
import { alike, flashing, flashOf, phaseOf } from './offers';
import { cheapest, isVaried, Price, shownPrice } from './prices';
import { few, leftOf, leftOfCard, over, room } from './store';
import { WaitButton } from './Wishes';

type Choice = Record<string, string>;

function fits(variant: VariantOut, choice: Choice): boolean {
  return Object.entries(choice).every(([key, value]) => variant.options[key] === value);
}

/** A dimension with one value is no question. */
function begin(card: CardOut): Choice {
  const choice: Choice = {};
  for (const option of card.options) {
    const only = option.values[0];
    if (option.values.length === 1 && only) choice[option.key] = only.key;
  }
  return choice;
}

export function usePicker(card: CardOut) {
  const [choice, choose] = useState<Choice>(() => begin(card));
  const [count, put] = useState(1);
  const complete = card.options.every((option) => choice[option.key]);
  const variant = complete ? card.variants.find((each) => fits(each, choice)) : undefined;
  const most = Math.max(1, Math.min(99, variant ? leftOf(variant.id) : leftOfCard(card)));
  return { choice, choose, count: Math.min(count, most), put, complete, variant, most };
}

export type Picking = ReturnType<typeof usePicker>;

export function Picker({ card, picking }: { card: CardOut; picking: Picking }) {
  const w = roomWords.value;
  const { choice, choose, count, put, variant, most } = picking;
  const shown = variant ?? cheapest(card);
  const flash = flashOf(card);
  return (
    <div class="px-4 pt-4 pb-5" data-testid="picker">
      {flash && phaseOf(flash) !== 'gone' && <FlashLine card={card} flash={flash} />}
      <div class="flex gap-4">
        <Picture src={card.pictures[0]} alt={told(card.title)} class="size-28 shrink-0 overflow-hidden rounded-2xl" />
        <div class="min-w-0 flex-1">
          <p class="leading-snug font-semibold">{told(card.title)}</p>
          {shown && (flashing(card, shown) ? <FlashPrice card={card} variant={shown} class="mt-1.5 text-xl" /> : <Price variant={shown} from={!variant && isVaried(card)} class="mt-1.5 text-xl" />)}
          <p class="mt-0.5 text-xs text-quiet">
            {variant ? (
              <>
                <Left count={leftOf(variant.id)} class="mr-2" />
                {leftOf(variant.id) > few.value && w.inStock(leftOf(variant.id))}
              </>
            ) : w.pickAll}
          </p>
        </div>
      </div>
      {shown?.shown && <p class="mt-2 text-xs text-quiet">{w.livePrice} {money(shown.price)} {room.value?.rates && ` · ${w.approx(longDay(`${room.value.rates.on}T12:00:00Z`), room.value.rates.pinned)}`}</p>}
      {card.options.map((option) => (
        <fieldset key={option.key} class="mt-4">
          <legend class="eyebrow mb-1.5">{told(option.label)}</legend>
          <div class="flex flex-wrap gap-2">
            {option.values.map((value) => {
              const others = { ...choice };
              delete others[option.key];
              const left = card.variants
                .filter((each) => fits(each, { ...others, [option.key]: value.key }))
                .reduce((total, each) => total + leftOf(each.id), 0);
              const on = choice[option.key] === value.key;
              return (
                <button
                  key={value.key} type="button" aria-pressed={on} disabled={left === 0 && !on} data-testid={`option-${option.key}-${value.key}`}
                  onClick={() => choose({ ...choice, [option.key]: value.key })}
                  class={`min-h-11 rounded-xl border px-4 text-sm font-medium ${on ? 'border-indigo bg-calico text-indigo ring-1 ring-indigo' : 'border-base-300 bg-base-100 hover:border-[#bda98b]'} disabled:border-dashed disabled:bg-base-200 disabled:text-[#857a70] disabled:line-through`}
                >
                  {told(value.label)}
                </button>
              );
            })}
          </div>
        </fieldset>
      ))}
      <div class="mt-5 flex items-center justify-between">
        <span class="eyebrow" id="count-label">{w.quantity}</span>
        <div class="flex items-center gap-1 rounded-full border border-base-300 p-0.5" role="group" aria-labelledby="count-label">
          <button type="button" class="btn btn-ghost btn-circle" aria-label={w.less} disabled={count <= 1} onClick={() => put(count - 1)}><Icon name="minus" size={18} /></button>
          <output class="w-8 text-center font-semibold" data-testid="count">{count}</output>
          <button type="button" class="btn btn-ghost btn-circle" aria-label={w.moreOne} disabled={count >= most} onClick={() => put(count + 1)}><Icon name="plus" size={18} /></button>
        </div>
      </div>
      <Missing card={card} />
      {card.description && <p class="rule mt-5 pt-4 text-sm leading-relaxed text-quiet">{told(card.description)}</p>}
    </div>
  );
}

/** What is sold out while its sisters are not: one may wait for exactly that. */
function Missing({ card }: { card: CardOut }) {
  const gone = over.value ? [] : card.variants.filter((each) => leftOf(each.id) === 0);
  if (gone.length === 0) return null;
  return (
    <details class="rule mt-5 pt-3" data-testid="sold-out-ones">
      <summary class="flex min-h-11 items-center justify-between gap-3 text-sm font-semibold text-quiet">{roomWords.value.soldOut} · {gone.length}<Icon name="down" size={16} /></summary>
      <ul class="flex flex-col gap-1">
        {gone.map((each) => (
          <li key={each.id} class="flex min-h-11 flex-wrap items-center justify-between gap-x-3 text-sm">
            <span>{optionsText(card, each.id) || each.sku}</span>
            <WaitButton card={card} variant={each} />
          </li>
        ))}
      </ul>
    </details>
  );
}

export function PickerFooter({ card, picking }: { card: CardOut; picking: Picking }) {
  const w = roomWords.value;
  const { variant, complete, count } = picking;
  const gone = complete && (!variant || leftOf(variant.id) === 0);
  const cut = variant && flashing(card, variant);
  const price = variant && (cut ? alike(variant, cut.price) : shownPrice(variant));

  async function add(chosen: VariantOut): Promise<void> {
    const live = room.value?.live.id;
    if (!live) return;
    await addItem({ live, card: card.id, variant: chosen.id }, count);
    say(buyerWords.value.added);
    openBag('mine');
  }

  return (
    <div>
      <p class="mb-2 text-xs text-quiet">{w.soldBy(told(room.value?.seller.legal_name))}</p>
      <button
        type="button" class={`btn ${cut ? 'btn-success' : 'btn-primary'} btn-block rounded-full text-base`} data-testid="claim"
        disabled={!variant || gone || busy.value}
        onClick={() => variant && void attempt(() => claim(card, variant.id, count, cut?.flash.id))}
      >
        {busy.value && <span class="loading loading-spinner loading-sm" />}
        {gone ? w.combinationGone : complete ? w.claim : w.pickAll}
        {price && !gone && <span class="opacity-95">· {money({ ...price, minor: price.minor * count })}</span>}
      </button>
      <button
        type="button" class="btn btn-quiet btn-block mt-2 rounded-full" data-testid="add-to-cart"
        disabled={!variant || busy.value} onClick={() => variant && void attempt(() => add(variant))}
      >
        <Icon name="bag" size={18} />{buyerWords.value.add}
      </button>
    </div>
  );
}
