// The one sheet of buying: shelf and basket, picker, address, quote, payment.
import type { ComponentChildren } from 'preact';
import { Payment, useFollowed } from '../parts/Payment';
import { Quote } from '../parts/Quote';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import type { CardOut } from '../api/wire';
import { money } from '../money';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { AddressFooter, AddressForm } from './AddressForm';
import { Basket, BasketFooter, optionsText } from './Basket';
import {
  busy, checkout, close, inHand, openBag, picked, place, quote, readCheckout, step, tab,
} from './buying';
import { Picker, PickerFooter, usePicker } from './Picker';
import { Shelf, ShipTo } from './Shelf';
import { cards } from './store';

function Tabs() {
  const w = roomWords.value;
  const tabs = [['all', `${w.all} ${cards.value.length}`], ['mine', w.mine(inHand.value.length)]] as const;
  return (
    <div class="sticky top-0 z-10 flex gap-1 bg-base-100 px-4 pt-3 pb-2" role="group" aria-label={w.bag}>
      {tabs.map(([key, label]) => (
        <button
          key={key} type="button" aria-pressed={tab.value === key} onClick={() => (tab.value = key)} data-testid={`tab-${key}`}
          class={`min-h-11 flex-1 rounded-full text-sm font-semibold ${tab.value === key ? 'bg-calico text-indigo' : 'text-quiet hover:bg-base-200'}`}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function PickSheet({ card }: { card: CardOut }) {
  const w = roomWords.value;
  const picking = usePicker(card);
  return (
    <Sheet open title={w.choose} onClose={close} onBack={() => openBag()} footer={<PickerFooter card={card} picking={picking} />} testid="pick-sheet">
      <Picker card={card} picking={picking} />
    </Sheet>
  );
}

function named(variant: string): string | undefined {
  const card = cards.value.find((each) => each.variants.some((one) => one.id === variant));
  return card && `${told(card.title)} (${optionsText(card, variant)})`;
}

function QuoteBody() {
  const promised = quote.value;
  return promised ? <div class="px-4 py-4"><Quote quote={promised} clock named={named} /></div> : null;
}

function QuoteFooter() {
  const w = roomWords.value;
  const promised = quote.value;
  if (!promised) return null;
  return (
    <button type="button" class="btn btn-primary btn-block rounded-full text-base" disabled={busy.value} onClick={() => void attempt(place)} data-testid="place">
      {busy.value && <span class="loading loading-spinner loading-sm" />}
      {w.pay(money(promised.total))}
    </button>
  );
}

export function BuySheet({ bagInSheet = true }: { bagInSheet?: boolean }) {
  const w = roomWords.value;
  useFollowed(checkout.value, readCheckout);
  const card = picked.value;
  const now = step.value;
  if (now === 'closed') return null;
  if (now === 'pick' && card) return <PickSheet key={card.id} card={card} />;

  const form = 'address';
  const paying = checkout.value;
  const parts: Record<string, [string, (() => void) | undefined, ComponentChildren, ComponentChildren]> = {
    bag: [w.bag, undefined, (
      <>
        <Tabs />
        {tab.value === 'all' ? (
          <div class="px-2 pb-4">
            <ShipTo class="mx-2 mb-2" />
            <Shelf />
          </div>
        ) : <Basket />}
      </>
    ), tab.value === 'mine' && inHand.value.length > 0 ? <BasketFooter /> : null],
    address: [w.where, () => openBag('mine'), <AddressForm id={form} />, <AddressFooter form={form} />],
    quote: [w.quote, () => (step.value = 'address'), <QuoteBody />, <QuoteFooter />],
    pay: [w.payTitle, undefined, paying && <Payment key={paying.id} checkout={paying} onChange={(told) => (checkout.value = told)} />, paying?.state === 'paid' ? (
      <button type="button" class="btn btn-primary btn-block rounded-full" onClick={close} data-testid="keep-watching">{w.keepWatching}</button>
    ) : null],
  };
  const [title, back, body, footer] = parts[now] ?? parts['bag'] ?? [w.bag, undefined, null, null];
  return (
    <Sheet key={now} open title={title} onClose={close} onBack={back} footer={footer} tall={bagInSheet && now === 'bag'} testid={`${now}-sheet`}>
      {body}
    </Sheet>
  );
}

export function turnText(variant: string, back: boolean): string {
  const card = cards.value.find((each) => each.variants.some((one) => one.id === variant));
  const w = roomWords.value;
  return back ? w.backAgain(told(card?.title)) : w.nowSoldOut(told(card?.title));
}

export function soldText(name: string, count: number, variant: string): string {
  const card = cards.value.find((each) => each.variants.some((one) => one.id === variant));
  return roomWords.value.sold(name, count, told(card?.title));
}
