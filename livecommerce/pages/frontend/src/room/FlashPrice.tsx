// A flash price: what it is compared with, how long it lasts, how many are left of it.
import type { Flash } from '../api/offers';
import type { CardOut, VariantOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Countdown } from '../parts/pieces';
import { money } from '../money';
import { offerWords } from '../words/offers';
import { alike, flashing, phaseOf } from './offers';
import { Price, shownPrice } from './prices';

export function FlashPrice({ card, variant, class: extra = '' }: { card: CardOut; variant: VariantOut; class?: string }) {
  const w = offerWords.value;
  const found = flashing(card, variant);
  if (!found) return <Price variant={variant} class={extra} />;
  const basis = found.flash.basis[variant.id];
  return (
    <span class={`inline-flex flex-wrap items-baseline gap-x-1.5 ${extra}`} data-testid="flash-price">
      <span class="font-bold text-success">{money(alike(variant, found.price))}</span>
      <s class="text-[0.75em] text-quiet">{money(shownPrice(variant))}</s>
      {basis && <span class="basis-full text-[11px] leading-tight text-quiet" title={w.basisHint} data-testid="flash-basis">{w.basis(basis.days, money(alike(variant, basis.price)))}</span>}
    </span>
  );
}

export function FlashLine({ card, flash }: { card: CardOut; flash: Flash }) {
  const w = offerWords.value;
  const coming = phaseOf(flash) === 'coming';
  return (
    <p class={`mb-1.5 flex items-center gap-1.5 rounded-xl px-2 py-1 pr-9 text-xs font-semibold ${coming ? 'bg-calico text-indigo' : 'bg-success text-success-content'}`} data-testid="flash-line" data-card={card.id} data-phase={phaseOf(flash)}>
      <Icon name="bolt" size={14} fill />{w.flash}
      <span class="font-normal">{coming ? w.opensIn : w.endsIn}</span>
      <Countdown until={coming ? flash.opens_at : flash.closes_at} class="font-bold" />
      {!coming && <span class="ml-auto font-normal">{w.flashLeft(flash.left)}</span>}
    </p>
  );
}
