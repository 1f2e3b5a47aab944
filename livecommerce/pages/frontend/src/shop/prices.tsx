// What a product costs: from the lowest to the highest, with the was-price and its basis.
import type { ProductOut, Was } from '../api/wire';
import { money } from '../money';
import { catalogueWords } from '../words/catalogue';

export function WasPrice({ was }: { was: Was }) {
  const w = catalogueWords.value;
  return (
    <span class="text-xs text-quiet" data-testid="was">
      <s>{money(was.price)}</s> {w.basisSince(w.bases[was.basis], was.since)}
    </span>
  );
}

export function PriceRange({ product }: { product: ProductOut }) {
  const sold = product.variants.filter((each) => product.archived || !each.archived);
  const first = sold[0];
  if (!first) return null;
  const minors = sold.filter((each) => each.price.currency === first.price.currency).map((each) => each.price.minor);
  const [low, high] = [Math.min(...minors), Math.max(...minors)];
  const was = sold.flatMap((each) => each.was).find((each) => each.price.currency === first.price.currency);
  const shown = money({ ...first.price, minor: low });
  return (
    <span class="flex flex-col">
      <span class="text-sm font-semibold whitespace-nowrap">{low === high ? shown : `${shown} – ${money({ ...first.price, minor: high })}`}</span>
      {was && <WasPrice was={was} />}
    </span>
  );
}
