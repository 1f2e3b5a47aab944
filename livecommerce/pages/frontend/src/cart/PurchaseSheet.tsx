// From what is held to what is paid, on the cart's page: address, quote, payment.
import type { ComponentChildren } from 'preact';
import { Payment, useFollowed } from '../parts/Payment';
import { Quote } from '../parts/Quote';
import { Sheet } from '../parts/Sheet';
import { attempt } from '../parts/Toast';
import { money } from '../money';
import { AddressFooter, AddressForm } from '../room/AddressForm';
import { busy, checkout, close, place, quote, readCheckout, step } from '../room/buying';
import { told } from '../words/lang';
import { roomWords } from '../words/room';
import { names } from './cart';

function named(variant: string): string | undefined {
  const known = names()[variant];
  return known && `${told(known.title)} (${known.options.map(told).join(' · ')})`;
}

function PlaceButton() {
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

export function PurchaseSheet() {
  const w = roomWords.value;
  useFollowed(checkout.value, readCheckout);
  const now = step.value;
  const promised = quote.value;
  const paying = checkout.value;
  const form = 'address';
  const parts: Record<string, [string, (() => void) | undefined, ComponentChildren, ComponentChildren]> = {
    address: [w.where, undefined, <AddressForm id={form} />, <AddressFooter form={form} />],
    quote: [w.quote, () => (step.value = 'address'), promised ? <div class="px-4 py-4"><Quote quote={promised} clock named={named} /></div> : null, <PlaceButton />],
    pay: [w.payTitle, undefined, paying ? <Payment checkout={paying} onChange={(told) => (checkout.value = told)} /> : null, null],
  };
  const part = parts[now];
  if (!part) return null;
  const [title, back, body, footer] = part;
  return (
    <Sheet key={now} open title={title} onClose={close} onBack={back} footer={footer} testid={`${now}-sheet`}>
      {body}
    </Sheet>
  );
}
