// A merchant's products: found, filtered, chosen, changed together, exported.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/http';
import type { PageOf, ProductOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { BulkSheet } from '../shop/Bulk';
import { PriceRange } from '../shop/prices';
import { merchant, ShopFrame } from '../shop/ShopFrame';
import { categoryName } from '../words/categories';
import { shared } from '../words/shared';
import { lang, told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';

interface Filter { q: string; category: string; archived: boolean }

function pathOf(filter: Filter, cursor = ''): string {
  const asked = new URLSearchParams({ merchant: merchant(), limit: '30' });
  if (filter.q.trim()) asked.set('q', filter.q.trim());
  if (filter.category) asked.set('category', filter.category);
  if (filter.archived) asked.set('archived', 'true');
  if (cursor) asked.set('cursor', cursor);
  return `/v1/products?${asked}`;
}

function Row({ product, chosen, onChoose }: {
  product: ProductOut; chosen: boolean; onChoose: (on: boolean) => void;
}) {
  const w = catalogueWords.value;
  const sold = product.variants.filter((each) => !each.archived);
  const left = sold.reduce((sum, each) => sum + each.left, 0);
  return (
    <li class={`flex items-center gap-3 p-2.5 ${chosen ? 'bg-calico/60' : 'hover:bg-base-200'}`} data-testid="product-row" data-product={product.id}>
      <label class="grid size-11 shrink-0 place-items-center">
        <input type="checkbox" class="checkbox" checked={chosen} aria-label={w.select(told(product.title))} onChange={(event) => onChoose(event.currentTarget.checked)} />
      </label>
      <a href={`/products/${product.id}`} class="flex min-w-0 flex-1 items-center gap-3 rounded-xl">
        <Picture src={product.pictures[0]?.replace(/-800\.webp$/, '-320.webp')} class="size-16 shrink-0 rounded-xl" />
        <span class="min-w-0 flex-1">
          <span class="line-clamp-2 text-sm font-semibold">{told(product.title)}</span>
          <span class="mt-0.5 block truncate text-xs text-quiet">{categoryName(product.category)} · {w.variants(sold.length || product.variants.length)}</span>
          <span class="mt-1 block sm:hidden"><PriceRange product={product} /></span>
        </span>
        <span class="hidden w-56 sm:block"><PriceRange product={product} /></span>
        <span class={`w-20 shrink-0 text-right text-sm ${left > 0 ? '' : 'text-error'}`}>{product.archived ? w.archived : w.left(left)}</span>
      </a>
    </li>
  );
}

function Filters({ filter, put }: { filter: Filter; put: (to: Filter) => void }) {
  const w = catalogueWords.value;
  const [typed, type] = useState(filter.q);
  const known = useAsked(() => get<{ categories: string[] }>(`/v1/merchants/${merchant()}/categories`), [merchant()]);
  useEffect(() => {
    if (typed === filter.q) return;
    const later = setTimeout(() => put({ ...filter, q: typed }), 250);
    return () => clearTimeout(later);
  }, [typed]);
  return (
    <div class="mb-3 flex flex-wrap gap-2" role="search">
      <label class="relative min-w-56 flex-1">
        <span class="sr-only">{w.search}</span>
        <Icon name="search" size={18} class="absolute top-1/2 left-3 z-10 -translate-y-1/2 text-quiet" />
        <input type="search" class="input pl-10" placeholder={w.search} maxLength={200} value={typed} onInput={(event) => type(event.currentTarget.value)} data-testid="search" />
      </label>
      <select class="select w-auto" aria-label={w.category} value={filter.category} onChange={(event) => put({ ...filter, category: event.currentTarget.value })} data-testid="category">
        <option value="">{w.allCategories}</option>
        {known.data?.categories.map((each) => <option key={each} value={each}>{categoryName(each)}</option>)}
      </select>
      <div class="flex rounded-xl border border-base-300 bg-base-100 p-0.5">
        {[false, true].map((archived) => (
          <button
            key={String(archived)} type="button" aria-pressed={filter.archived === archived} data-testid={archived ? 'show-archived' : 'show-sold'}
            class={`min-h-10 rounded-lg px-3 text-sm font-semibold ${filter.archived === archived ? 'bg-calico text-indigo' : 'text-quiet'}`}
            onClick={() => put({ ...filter, archived })}
          >
            {archived ? w.archived : w.onSale}
          </button>
        ))}
      </div>
    </div>
  );
}

function List({ first, filter, again }: { first: PageOf<ProductOut>; filter: Filter; again: () => void }) {
  const w = catalogueWords.value;
  const [more, add] = useState<ProductOut[]>([]);
  const [cursor, go] = useState(first.next_cursor);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [editing, edit] = useState(false);
  useEffect(() => {
    add([]);
    go(first.next_cursor);
    choose(new Set());
  }, [first]);
  const all = [...first.items, ...more];
  if (all.length === 0) {
    const searched = filter.q || filter.category || filter.archived;
    return <div class="panel"><Empty icon="box" text={searched ? w.nothing : w.nothingYet} /></div>;
  }
  const on = (id: string, to: boolean) => {
    const next = new Set(chosen);
    if (to) next.add(id);
    else next.delete(id);
    choose(next);
  };
  return (
    <>
      <div class="panel overflow-hidden">
        <div class="flex min-h-14 flex-wrap items-center gap-2 border-b border-base-300 bg-base-200/60 px-2.5">
          <label class="flex min-h-11 items-center gap-2 pl-2.5 text-sm">
            <input type="checkbox" class="checkbox" checked={chosen.size === all.length} onChange={(event) => choose(new Set(event.currentTarget.checked ? all.map((each) => each.id) : []))} data-testid="select-all" />
            {chosen.size > 0 ? w.selected(chosen.size) : w.selectAll}
          </label>
          {chosen.size > 0 && <button type="button" class="btn btn-secondary ml-auto" onClick={() => edit(true)} data-testid="bulk-open">{w.bulk}</button>}
        </div>
        <ul class="divide-y divide-base-300" data-testid="product-list">
          {all.map((product) => <Row key={product.id} product={product} chosen={chosen.has(product.id)} onChoose={(to) => on(product.id, to)} />)}
        </ul>
      </div>
      {cursor && (
        <button
          type="button" class="btn btn-quiet mx-auto mt-4 flex"
          onClick={() => void attempt(async () => {
            const page = await get<PageOf<ProductOut>>(pathOf(filter, cursor));
            add([...more, ...page.items]);
            go(page.next_cursor);
          })}
        >
          {shared.value.more}
        </button>
      )}
      {editing && (
        <BulkSheet
          products={[...chosen].slice(0, 200)} onClose={() => edit(false)}
          onDone={() => {
            edit(false);
            again();
          }}
        />
      )}
    </>
  );
}

function Products() {
  const w = catalogueWords.value;
  const [filter, put] = useState<Filter>({ q: '', category: '', archived: false });
  const zh = lang.value === 'en' ? '' : '?zh=true';
  const file = (kind: string) => `/v1/merchants/${merchant()}/products.${kind}${zh}`;
  return (
    <ShopFrame
      here="products" title={w.title} lead={w.lead}
      actions={(
        <>
          <a class="btn btn-quiet" href={file('csv')} download>{w.exportCsv}</a>
          <a class="btn btn-quiet" href={file('xlsx')} download data-testid="export-xlsx">{w.exportXlsx}</a>
          <a class="btn btn-primary" href="/products/new" data-testid="new-product"><Icon name="plus" size={18} />{w.newProduct}</a>
        </>
      )}
    >
      <Filters filter={filter} put={put} />
      <Found filter={filter} />
    </ShopFrame>
  );
}

function Found({ filter }: { filter: Filter }) {
  const asked = useAsked(() => get<PageOf<ProductOut>>(pathOf(filter)), [merchant(), filter.q, filter.category, filter.archived]);
  return <Waiting asked={asked}>{(first) => <List first={first} filter={filter} again={asked.again} />}</Waiting>;
}

show(Products);
