// What is held for the buyer, each with its own clock.
import { Countdown, Empty } from '../parts/pieces';
import { cartLines } from '../cart/cart';
import { Icon } from '../parts/Icon';
import { Picture } from '../parts/Picture';
import { attempt } from '../parts/Toast';
import type { CardOut } from '../api/wire';
import { money, times } from '../money';
import { buyerWords } from '../words/buyer';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { cardOf, inHand, letGo, step, type Held } from './buying';
import { alike } from './offers';

export function optionsText(card: CardOut | undefined, variant: string): string {
  const chosen = card?.variants.find((each) => each.id === variant)?.options ?? {};
  return (card?.options ?? [])
    .map((option) => told(option.values.find((value) => value.key === chosen[option.key])?.label))
    .filter(Boolean)
    .join(' · ');
}

function Row({ hold }: { hold: Held }) {
  const w = roomWords.value;
  const card = cardOf(hold.card);
  const variant = card?.variants.find((each) => each.id === hold.variant);
  const price = variant ? alike(variant, hold.price) : hold.price;
  return (
    <li class="flex gap-3 py-3" data-testid="hold-row" data-hold={hold.id}>
      <Picture src={card?.pictures[0]} class="size-20 shrink-0 overflow-hidden rounded-xl" />
      <div class="min-w-0 flex-1">
        <p class="truncate text-sm font-semibold">{told(card?.title)}</p>
        <p class="truncate text-xs text-quiet">{optionsText(card, hold.variant)}</p>
        <p class="mt-1 text-sm"><span class="font-bold text-primary">{money(times(price, hold.count))}</span> <span class="text-quiet">× {hold.count}</span>{hold.offer && variant && hold.normal && <s class="ml-1.5 text-xs text-quiet">{money(times(alike(variant, hold.normal), hold.count))}</s>}</p>
        <p class="mt-0.5 inline-flex items-center gap-1 text-xs font-medium text-success">
          <Icon name="clock" size={15} />{w.holdLeft} <Countdown until={hold.hold_until} class="font-bold" />
        </p>
      </div>
      <button type="button" class="btn btn-ghost btn-square" aria-label={`${w.letGo}: ${told(card?.title)}`} title={w.letGo} onClick={() => void attempt(() => letGo(hold))} data-testid="let-go">
        <Icon name="trash" size={18} />
      </button>
    </li>
  );
}

/** What waits in the cart, of this room and of others; it is bought on a page of its own. */
function Waiting() {
  const w = buyerWords.value;
  if (cartLines.value.length === 0) return null;
  return (
    <section class="mx-4 my-3 rounded-2xl bg-base-200 p-3" aria-label={w.inCart} data-testid="room-cart">
      <h3 class="eyebrow">{w.inCart}</h3>
      <ul>
        {cartLines.value.map((line) => (
          <li key={line.id} class="flex items-center gap-3 py-1.5 text-sm">
            <Picture src={line.picture} class="size-10 shrink-0 overflow-hidden rounded-lg" />
            <span class="min-w-0 flex-1 truncate">{told(line.title)} <span class="text-quiet">{line.options.map(told).join(' · ')}</span></span>
            <span class="text-quiet">× {line.count}</span>
          </li>
        ))}
      </ul>
      <a href="/cart" class="btn btn-quiet btn-block mt-2 rounded-full" data-testid="open-cart">{w.openCart}</a>
    </section>
  );
}

export function Basket() {
  const w = roomWords.value;
  return (
    <>
      {inHand.value.length === 0 && cartLines.value.length === 0 && <Empty icon="bag" text={w.mineEmpty} />}
      {inHand.value.length > 0 && (
        <ul class="divide-y divide-dashed divide-base-300 px-4" data-testid="basket">
          {inHand.value.map((hold) => <Row key={hold.id} hold={hold} />)}
        </ul>
      )}
      <Waiting />
    </>
  );
}

export function BasketFooter() {
  const w = roomWords.value;
  if (inHand.value.length === 0) return null;
  return (
    <button type="button" class="btn btn-primary btn-block rounded-full text-base" onClick={() => (step.value = 'address')} data-testid="to-checkout">
      {w.checkout}
    </button>
  );
}
