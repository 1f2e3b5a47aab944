// Stock where it lies: by variant and location, its journal, and what people book.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/http';
import type { LocationOut, PageOf, VariantStock } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Empty, useAsked, Waiting } from '../parts/pieces';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { AddLocation, AdjustSheet } from '../shop/Adjust';
import { JournalSheet } from '../shop/Journal';
import { merchant, ShopFrame } from '../shop/ShopFrame';
import { shared } from '../words/shared';
import { told } from '../words/lang';
import { catalogueWords } from '../words/catalogue';

function at(row: VariantStock, location: string): number {
  return row.at.find((each) => each.location === location)?.on_hand ?? 0;
}

function Row({ row, places, onAdjust, onJournal }: {
  row: VariantStock; places: LocationOut[]; onAdjust: () => void; onJournal: () => void;
}) {
  const w = catalogueWords.value;
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2 p-3 hover:bg-base-200" data-testid="stock-row" data-sku={row.sku}>
      <span class="min-w-40 flex-1 basis-full md:basis-0">
        <span class="block text-sm font-semibold">{row.sku}{row.archived && <span class="tag ml-2 bg-base-300">{w.archived}</span>}</span>
        <a class="block truncate text-xs text-quiet hover:underline" href={`/products/${row.product}`}>{told(row.title)}</a>
      </span>
      <dl class="grid flex-1 grid-cols-3 gap-x-4 gap-y-1 text-sm sm:flex sm:flex-none">
        {places.map((place) => (
          <div key={place.id} class="sm:w-24 sm:text-right"><dt class="truncate text-xs text-quiet">{told(place.name)}</dt><dd>{at(row, place.id)}</dd></div>
        ))}
        <div class="sm:w-16 sm:text-right"><dt class="text-xs text-quiet">{w.held}</dt><dd>{row.held}</dd></div>
        <div class="sm:w-16 sm:text-right"><dt class="text-xs text-quiet">{w.forSale}</dt><dd class={`font-semibold ${row.left > 0 ? '' : 'text-error'}`} data-testid="for-sale">{row.left}</dd></div>
      </dl>
      <span class="flex gap-1.5">
        <button type="button" class="btn btn-quiet" onClick={onAdjust} data-testid="adjust">{w.adjust}</button>
        <button type="button" class="btn btn-ghost" onClick={onJournal} data-testid="journal">{w.journal}</button>
      </span>
    </li>
  );
}

interface Seen { page: PageOf<VariantStock>; places: LocationOut[] }

function List({ seen, sku, again }: { seen: Seen; sku: string; again: () => void }) {
  const w = catalogueWords.value;
  const [more, add] = useState<VariantStock[]>([]);
  const [cursor, go] = useState(seen.page.next_cursor);
  const [adjusting, adjust] = useState<VariantStock | null>(null);
  const [reading, read] = useState<VariantStock | null>(null);
  useEffect(() => {
    add([]);
    go(seen.page.next_cursor);
  }, [seen]);
  const rows = [...seen.page.items, ...more];
  if (rows.length === 0) return <div class="panel"><Empty icon="box" text={w.noStock} /></div>;
  return (
    <>
      <ul class="panel divide-y divide-base-300 overflow-hidden">
        {rows.map((row) => <Row key={row.variant} row={row} places={seen.places} onAdjust={() => adjust(row)} onJournal={() => read(row)} />)}
      </ul>
      {cursor && (
        <button
          type="button" class="btn btn-quiet mx-auto mt-4 flex"
          onClick={() => void attempt(async () => {
            const page = await get<PageOf<VariantStock>>(pathOf(sku, cursor));
            add([...more, ...page.items]);
            go(page.next_cursor);
          })}
        >
          {shared.value.more}
        </button>
      )}
      {adjusting && (
        <AdjustSheet
          row={adjusting} places={seen.places} onClose={() => adjust(null)}
          onDone={() => {
            adjust(null);
            again();
          }}
        />
      )}
      {reading && <JournalSheet row={reading} places={seen.places} onClose={() => read(null)} />}
    </>
  );
}

function pathOf(sku: string, cursor = ''): string {
  const asked = new URLSearchParams({ limit: '60' });
  if (sku.trim()) asked.set('sku', sku.trim());
  if (cursor) asked.set('cursor', cursor);
  return `/v1/merchants/${merchant()}/stock?${asked}`;
}

async function look(sku: string): Promise<Seen> {
  const [page, places] = await Promise.all([
    get<PageOf<VariantStock>>(pathOf(sku)),
    get<LocationOut[]>(`/v1/merchants/${merchant()}/locations`),
  ]);
  return { page, places };
}

function Body({ sku, round }: { sku: string; round: number }) {
  const asked = useAsked(() => look(sku), [merchant(), sku, round]);
  return <Waiting asked={asked}>{(seen) => <List seen={seen} sku={sku} again={asked.again} />}</Waiting>;
}

function Stock() {
  const w = catalogueWords.value;
  const [typed, type] = useState('');
  const [sku, find] = useState('');
  const [adding, add] = useState(false);
  const [round, next] = useState(0);
  useEffect(() => {
    const later = setTimeout(() => find(typed), 250);
    return () => clearTimeout(later);
  }, [typed]);
  return (
    <ShopFrame
      here="stock" title={w.stock} lead={w.stockLead}
      actions={<button type="button" class="btn btn-quiet" onClick={() => add(true)} data-testid="add-location"><Icon name="plus" size={18} />{w.addLocation}</button>}
    >
      <label class="relative mb-3 block max-w-md">
        <span class="sr-only">{w.findSku}</span>
        <Icon name="search" size={18} class="absolute top-1/2 left-3 z-10 -translate-y-1/2 text-quiet" />
        <input type="search" class="input pl-10" placeholder={w.findSku} value={typed} maxLength={20} onInput={(event) => type(event.currentTarget.value)} data-testid="find-sku" />
      </label>
      <Body sku={sku} round={round} />
      {adding && (
        <AddLocation
          onClose={() => add(false)}
          onDone={() => {
            add(false);
            next(round + 1);
          }}
        />
      )}
    </ShopFrame>
  );
}

show(Stock);
