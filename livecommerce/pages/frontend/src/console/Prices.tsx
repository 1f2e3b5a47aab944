// Live prices: one discount for all, or each variant by itself; and adding products with them.
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import type { CardOut, Money, OptionOut, PageOf, ProductOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { Empty, Field, useAsked, Waiting } from '../parts/pieces';
import { Picture } from '../parts/Picture';
import { Sheet } from '../parts/Sheet';
import { attempt, say } from '../parts/Toast';
import { majorOf, minorOf, money } from '../money';
import { told } from '../words/lang';
import { consoleWords } from '../words/console';
import { cards, room } from '../room/store';
import { adding, pricing } from './ShelfPanel';
import { addCard, busy, priceCard } from './store';

interface Priced { id: string; sku: string; options: Record<string, string>; list: Money; now: Money }

function named(options: OptionOut[], chosen: Record<string, string>): string {
  return options
    .map((option) => told(option.values.find((value) => value.key === chosen[option.key])?.label))
    .join(' · ');
}

/** What is typed per variant; an empty field keeps the list price. */
function usePrices(variants: Priced[]) {
  const [typed, put] = useState<Record<string, string>>(() =>
    Object.fromEntries(variants.map((each) => [each.id, majorOf(each.now)])));
  const [off, putOff] = useState('');
  function discount(text: string): void {
    putOff(text);
    const percent = Number(text);
    if (Number.isNaN(percent) || percent < 0 || percent > 95) return;
    put(Object.fromEntries(variants.map((each) => {
      const minor = Math.round((each.list.minor * (100 - percent)) / 100);
      return [each.id, majorOf({ ...each.list, minor })];
    })));
  }
  const prices: Record<string, number> = {};
  let sound = true;
  for (const each of variants) {
    const minor = minorOf(typed[each.id] ?? '', each.list.currency);
    if (minor === null || minor <= 0) sound = false;
    else prices[each.id] = minor;
  }
  return { typed, put, off, discount, prices, sound };
}

function PriceTable({ options, variants, state }: {
  options: OptionOut[]; variants: Priced[]; state: ReturnType<typeof usePrices>;
}) {
  const w = consoleWords.value;
  return (
    <>
      <Field label={w.discount}>
        <input class="input" inputMode="numeric" maxLength={2} value={state.off} onInput={(event) => state.discount(event.currentTarget.value)} data-testid="discount" />
      </Field>
      <details class="mt-4">
        <summary class="flex min-h-11 items-center gap-1.5 text-sm font-semibold text-indigo">{w.eachVariant}<Icon name="down" size={16} /></summary>
        <table class="w-full text-sm">
          <thead><tr class="text-left text-xs text-quiet"><th class="py-1.5 font-semibold">{w.variant}</th><th class="font-semibold">{w.listPrice}</th><th class="w-28 font-semibold">{w.livePrice}</th></tr></thead>
          <tbody>
            {variants.map((each) => (
              <tr key={each.id} class="border-t border-dashed border-base-300">
                <td class="py-1.5 pr-2">{named(options, each.options) || each.sku}</td>
                <td class="pr-2 whitespace-nowrap text-quiet">{money(each.list)}</td>
                <td><input class="input" inputMode="decimal" aria-label={`${w.livePrice}: ${each.sku}`} value={state.typed[each.id] ?? ''} onInput={(event) => state.put({ ...state.typed, [each.id]: event.currentTarget.value })} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function Form({ title, picture, options, variants, label, onSave }: {
  title: string; picture: string | undefined; options: OptionOut[]; variants: Priced[]; label: string;
  onSave: (prices: Record<string, number>) => Promise<void>;
}) {
  const state = usePrices(variants);
  return (
    <form
      class="px-5 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(() => onSave(state.prices));
      }}
    >
      <div class="mb-4 flex items-center gap-3">
        <Picture src={picture} class="size-16 overflow-hidden rounded-xl" />
        <p class="font-semibold">{title}</p>
      </div>
      <PriceTable options={options} variants={variants} state={state} />
      <button type="submit" class="btn btn-primary btn-block mt-5" disabled={!state.sound || busy.value !== ''} data-testid="save-prices">{label}</button>
    </form>
  );
}

export function PriceSheet() {
  const w = consoleWords.value;
  const card: CardOut | null = pricing.value;
  if (!card) return null;
  const close = () => (pricing.value = null);
  const variants = card.variants.map((each) => ({ ...each, list: each.list_price, now: each.price }));
  return (
    <Sheet open drawer title={w.priceTitle} onClose={close} testid="price-sheet">
      <Form
        title={told(card.title)} picture={card.pictures[0]} options={card.options} variants={variants} label={w.savePrices}
        onSave={async (prices) => {
          await priceCard(card.id, prices);
          say(w.saved);
          close();
        }}
      />
    </Sheet>
  );
}

export function AddSheet() {
  const w = consoleWords.value;
  const [chosen, choose] = useState<ProductOut | null>(null);
  const merchant = room.value?.seller.merchant ?? '';
  const asked = useAsked(() => get<PageOf<ProductOut>>(`/v1/products?merchant=${merchant}&limit=100`), [merchant]);
  const close = () => {
    adding.value = false;
    choose(null);
  };
  const known = new Set(cards.value.map((card) => card.product));
  return (
    <Sheet open drawer title={w.addTitle} onClose={close} onBack={chosen ? () => choose(null) : undefined} testid="add-sheet">
      {chosen ? (
        <Form
          key={chosen.id} title={told(chosen.title)} picture={chosen.pictures[0]} options={chosen.options} label={w.add}
          variants={chosen.variants.map((each) => ({ ...each, list: each.price, now: each.price }))}
          onSave={async (prices) => {
            await addCard(chosen.id, prices);
            say(w.added);
            choose(null);
          }}
        />
      ) : (
        <Waiting asked={asked}>
          {(page) => {
            const offered = page.items.filter((product) => !product.archived && !known.has(product.id));
            if (offered.length === 0) return <Empty icon="box" text={w.noProducts} />;
            return (
              <ul class="px-3 py-3">
                {offered.map((product) => (
                  <li key={product.id}>
                    <button type="button" class="flex w-full items-center gap-3 rounded-2xl p-2 text-left hover:bg-base-200" onClick={() => choose(product)} data-testid="offered" data-product={product.id}>
                      <Picture src={product.pictures[0]} class="size-16 shrink-0 overflow-hidden rounded-xl" />
                      <span class="min-w-0 flex-1">
                        <span class="block truncate text-sm font-semibold">{told(product.title)}</span>
                        <span class="block text-xs text-quiet">{product.variants[0] && money(product.variants[0].price)} · {w.left(product.variants.reduce((sum, each) => sum + each.left, 0))}</span>
                      </span>
                      <Icon name="plus" size={20} class="text-indigo" />
                    </button>
                  </li>
                ))}
              </ul>
            );
          }}
        </Waiting>
      )}
    </Sheet>
  );
}
