// Saving a product: made whole, or changed step by step from the version that was read.
import { get, newKey, post, put } from '../api/http';
import type { ProductOut } from '../api/wire';
import { keyed, keysOf, optionsOf, variantOf, wordsOf, type Draft, type VariantDraft } from './draft';

export async function create(draft: Draft, merchant: string): Promise<ProductOut> {
  const dimensions = keyed(draft.dimensions);
  const variants = draft.variants.map((each) => ({
    ...variantOf(each), options: keysOf(each, dimensions), on_hand: Number(each.stock) || 0,
  }));
  const body = { ...wordsOf(draft), merchant, options: optionsOf(dimensions), variants };
  return post<ProductOut>('/v1/products', body, newKey());
}

/** New variants begin as the first is, and get their own words in the next step. */
function fillOf(like: VariantDraft) {
  const { weight_g, price, prices } = variantOf(like);
  return { sku: (like.sku.split(/[-_.]/)[0] ?? 'V').slice(0, 12) || 'V', weight_g, price, prices };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export async function change(product: ProductOut, before: Draft, draft: Draft): Promise<ProductOut> {
  const path = `/v1/products/${product.id}`;
  let now = product;
  if (!same(wordsOf(before), wordsOf(draft))) {
    now = await put<ProductOut>(path, { ...wordsOf(draft), version: now.version });
  }
  const dimensions = keyed(draft.dimensions);
  const had = new Set(before.dimensions.map((each) => each.key));
  if (!same(optionsOf(before.dimensions), optionsOf(dimensions))) {
    const options = optionsOf(dimensions).map((one) => (had.has(one.key) ? one : { ...one, existing: one.values[0]?.key }));
    const like = draft.variants[0];
    now = await put<ProductOut>(`${path}/options`, { version: now.version, options, fill: like ? fillOf(like) : null });
  }
  const sold = now.variants.filter((each) => !each.archived);
  const wanted = draft.variants.flatMap((each) => {
    const keys = keysOf(each, dimensions);
    const found = sold.find((one) => one.id === each.id) ?? sold.find((one) => dimensions.every((d) => one.options[d.key] === keys[d.key]));
    const earlier = before.variants.find((one) => one.id !== null && one.id === each.id);
    if (!found || (earlier && same(variantOf(earlier), variantOf(each)))) return [];
    return [{ id: found.id, ...variantOf(each) }];
  });
  if (wanted.length > 0) {
    now = await put<ProductOut>(`${path}/variants`, { version: now.version, variants: wanted });
  }
  return now.version === product.version ? get<ProductOut>(path) : now;
}
