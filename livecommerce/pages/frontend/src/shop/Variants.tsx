// The grid of variants: SKU, price, weight, size and first stock of each combination.
import { useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Sheet } from '../parts/Sheet';
import { lang } from '../words/lang';
import { productWords } from '../words/product';
import { noPrice, soundVariant, type Draft, type ListPrice, type VariantDraft } from './draft';
import { PriceLists } from './PriceLists';
import { Section } from './Words';

function named(draft: Draft, at: Record<string, string>): string {
  const words = draft.dimensions.map((one) => {
    const value = one.values.find((each) => each.id === at[one.id]);
    return lang.value === 'en' ? value?.en || value?.zh : value?.zh || value?.en;
  });
  return words.filter(Boolean).join(' · ');
}

type Column = 'sku' | 'weight' | 'width' | 'length' | 'fill' | 'stock';

function Cell({ label, ...more }: { label: string; value: string; onInput: (to: string) => void; name: string; wide?: boolean; text?: boolean; disabled?: boolean }) {
  return (
    <label class={more.wide ? 'col-span-2 lg:col-span-1' : ''}>
      <span class="mb-0.5 block text-xs text-quiet lg:sr-only">{label}</span>
      <input
        class="input" name={more.name} value={more.value} disabled={more.disabled} maxLength={20}
        inputMode={more.text ? 'text' : 'decimal'} onInput={(event) => more.onInput(event.currentTarget.value)}
      />
    </label>
  );
}

const GRID = 'grid grid-cols-3 gap-2 lg:grid-cols-[minmax(7rem,1.3fr)_minmax(7rem,1.4fr)_1fr_1fr_0.8fr_0.8fr_0.8fr_0.8fr_2.75rem] lg:items-center';

function Row({ draft, n, change, lists, tried }: {
  draft: Draft; n: number; change: (to: Partial<VariantDraft>) => void; lists: () => void; tried: boolean;
}) {
  const w = productWords.value;
  const one = draft.variants[n];
  if (!one) return null;
  const on = (name: Column) => ({ name, value: one[name], onInput: (to: string) => change({ [name]: to }) });
  const first = one.lists[0] ?? noPrice();
  const compared = one.lists.some((each) => each.was);
  return (
    <li class={`${GRID} border-t border-base-300 py-3 ${tried && !soundVariant(one) ? 'bg-[#fdf2ec]' : ''}`} data-testid="variant-row" data-variant={one.id ?? ''}>
      <span class="col-span-3 text-sm font-semibold lg:col-span-1">{named(draft, one.at) || one.sku || `#${n + 1}`}</span>
      <Cell label={w.sku} {...on('sku')} wide text />
      <Cell label={`${w.price} ${first.currency}`} name="price" value={first.price} onInput={(price) => change({ lists: [{ ...first, price }, ...one.lists.slice(1)] })} />
      <Cell label={w.weight} {...on('weight')} />
      <Cell label={w.width} {...on('width')} />
      <Cell label={w.length} {...on('length')} />
      <Cell label={w.fill} {...on('fill')} />
      <Cell label={w.stock} {...on('stock')} disabled={one.id !== null} />
      <span class="flex items-end">
        <button type="button" class={`btn btn-square ${compared || one.lists.length > 1 ? 'btn-secondary' : 'btn-quiet'}`} aria-label={`${w.priceLists}: ${one.sku}`} title={w.priceLists} onClick={lists} data-testid="price-lists"><Icon name="card" size={18} /></button>
      </span>
    </li>
  );
}

export function Variants({ draft, put, tried }: { draft: Draft; put: (to: Partial<Draft>) => void; tried: boolean }) {
  const w = productWords.value;
  const [open, lists] = useState<number | null>(null);
  const [stem, begin] = useState('');
  const [like, fill] = useState({ price: '', weight: '', stock: '' });
  const change = (n: number, to: Partial<VariantDraft>) =>
    put({ variants: draft.variants.map((each, i) => (i === n ? { ...each, ...to } : each)) });
  function fillAll(): void {
    put({
      variants: draft.variants.map((each, n) => ({
        ...each,
        sku: stem && each.id === null ? `${stem}-${String(n + 1).padStart(3, '0')}` : each.sku,
        weight: like.weight || each.weight,
        stock: like.stock && each.id === null ? like.stock : each.stock,
        lists: like.price ? [{ ...(each.lists[0] ?? noPrice()), price: like.price }, ...each.lists.slice(1)] : each.lists,
      })),
    });
  }
  function setLists(to: ListPrice[], all: boolean): void {
    put({ variants: draft.variants.map((each, i) => (all || i === open ? { ...each, lists: to.map((one) => ({ ...one })) } : each)) });
    lists(null);
  }
  const opened = open === null ? undefined : draft.variants[open];
  const heads = [w.variants, w.sku, w.price, w.weight, w.width, w.length, w.fill, w.stock, ''];
  return (
    <Section title={w.variants} testid="variants">
      <div class="grid grid-cols-2 items-end gap-2 rounded-2xl bg-base-200 p-3 sm:grid-cols-5" data-testid="fill">
        <Cell label={w.stem} name="stem" text value={stem} onInput={(to) => begin(to.slice(0, 15))} />
        <Cell label={w.price} name="price" value={like.price} onInput={(price) => fill({ ...like, price })} />
        <Cell label={w.weight} name="weight" value={like.weight} onInput={(weight) => fill({ ...like, weight })} />
        <Cell label={w.stock} name="stock" value={like.stock} onInput={(stock) => fill({ ...like, stock })} />
        <button type="button" class="btn btn-secondary col-span-2 sm:col-span-1" onClick={fillAll} data-testid="fill-all">{w.fillAll}</button>
      </div>
      <div class={`mt-4 hidden pb-2 text-xs font-semibold text-quiet lg:grid ${GRID.replace('grid ', '')}`} aria-hidden="true">
        {heads.map((each, n) => <span key={n}>{each}</span>)}
      </div>
      <ul class="mt-2 lg:mt-0">
        {draft.variants.map((each, n) => <Row key={JSON.stringify(each.at)} draft={draft} n={n} tried={tried} change={(to) => change(n, to)} lists={() => lists(n)} />)}
      </ul>
      <Sheet open={opened !== undefined} title={`${w.lists} · ${opened?.sku ?? ''}`} onClose={() => lists(null)} testid="lists-sheet">
        {opened && <PriceLists lists={opened.lists} onSet={setLists} />}
      </Sheet>
    </Section>
  );
}
