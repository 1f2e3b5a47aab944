// What a card costs, as a viewer should see it: their currency first, then what it is less than:
// a struck price says what it is (Order 117, Art. 32).
import type { CardOut, Money, VariantOut } from '../api/wire';
import { money } from '../money';
import { roomWords } from '../words/room';
import { lang } from '../words/lang';

export function shownPrice(variant: VariantOut): Money {
  return variant.shown ?? variant.price;
}

export function cheapest(card: CardOut): VariantOut | undefined {
  return card.variants.reduce<VariantOut | undefined>(
    (least, each) => (!least || each.price.minor < least.price.minor ? each : least),
    undefined,
  );
}

export function Price({ variant, from = false, class: extra = '' }: {
  variant: VariantOut; from?: boolean; class?: string;
}) {
  const w = roomWords.value;
  const shown = shownPrice(variant);
  const reduced = variant.list_price.minor > variant.price.minor;
  const before = reduced ? Math.round((shown.minor * variant.list_price.minor) / variant.price.minor) : 0;
  return (
    <span class={`inline-flex flex-wrap items-baseline gap-x-1.5 ${extra}`}>
      <span class="font-bold text-primary">
        {from && lang.value === 'en' && <span class="mr-0.5 text-[0.7em] font-semibold">{w.from} </span>}
        {money(shown)}
        {from && lang.value !== 'en' && <span class="ml-0.5 text-[0.7em] font-semibold">{w.from}</span>}
      </span>
      {reduced && (
        <span class="text-[0.75em] text-quiet" title={money(variant.list_price)}>
          {w.listPrice} <s>{money({ minor: before, currency: shown.currency })}</s>
        </span>
      )}
    </span>
  );
}

export function isVaried(card: CardOut): boolean {
  return new Set(card.variants.map((variant) => variant.price.minor)).size > 1;
}
