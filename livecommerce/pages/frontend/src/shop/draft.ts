// A product while it is being written: texts as typed, variants by the values they combine.
import type { Both, Measures, Money, ProductOut, ProductVariant, Textile, Was } from '../api/wire';
import { majorOf, minorOf } from '../money';

export interface ValueDraft { id: string; key: string; zh: string; en: string }
export interface DimensionDraft { id: string; key: string; zh: string; en: string; values: ValueDraft[] }

export interface ListPrice { currency: string; price: string; was: string; basis: Was['basis'] | ''; since: string }

export interface VariantDraft {
  id: string | null;
  /** The value it has in each dimension, by their ids. */
  at: Record<string, string>;
  sku: string;
  weight: string;
  /** The first is the price that offers begin from. */
  lists: ListPrice[];
  width: string;
  length: string;
  height: string;
  fill: string;
  stock: string;
  left: number | null;
}

export interface Draft {
  zh: string; en: string; aboutZh: string; aboutEn: string;
  category: string; hsCode: string; origin: string; customsName: string; customsUnit: string;
  fibres: { fibre: string; percent: string }[];
  weave: string; threadCount: string; yarnCount: string; gsm: string; filling: string;
  gmodel: Record<string, string>;
  pictures: { address: string; zh: string; en: string }[];
  dimensions: DimensionDraft[];
  variants: VariantDraft[];
}

let count = 0;
export const newId = () => `n${++count}`;

export const noPrice = (currency = 'CNY'): ListPrice => ({ currency, price: '', was: '', basis: '', since: '' });

export function blank(): Draft {
  return {
    zh: '', en: '', aboutZh: '', aboutEn: '', category: '', hsCode: '', origin: 'CN', customsName: '', customsUnit: '',
    fibres: [{ fibre: 'cotton', percent: '100' }], weave: '', threadCount: '', yarnCount: '', gsm: '', filling: '',
    gmodel: {}, pictures: [], dimensions: [], variants: [fresh({})],
  };
}

export function fresh(at: Record<string, string>, like?: VariantDraft): VariantDraft {
  return {
    id: null, at, sku: '', weight: like?.weight ?? '', lists: like ? like.lists.map((each) => ({ ...each })) : [noPrice()],
    width: '', length: '', height: '', fill: like?.fill ?? '', stock: '0', left: null,
  };
}

const text = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value));

function listsOf(variant: ProductVariant): ListPrice[] {
  return [variant.price, ...variant.prices].map((price) => {
    const was = variant.was.find((each) => each.price.currency === price.currency);
    return {
      currency: price.currency, price: majorOf(price), was: was ? majorOf(was.price) : '',
      basis: was?.basis ?? '', since: was?.since ?? '',
    };
  });
}

export function draftOf(product: ProductOut): Draft {
  const offered = product.options.filter((each) => !each.retired);
  const dimensions = offered.map((one) => ({
    id: one.key, key: one.key, zh: one.label.zh, en: one.label.en,
    values: one.values.filter((each) => !each.retired).map((each) => ({ id: each.key, key: each.key, zh: each.label.zh, en: each.label.en })),
  }));
  const told = product.textile;
  return {
    zh: product.title.zh, en: product.title.en, aboutZh: product.description.zh, aboutEn: product.description.en,
    category: product.category, hsCode: product.hs_code, origin: product.origin,
    customsName: product.customs_name, customsUnit: product.customs_unit,
    fibres: product.fibre.map((each) => ({ fibre: each.fibre, percent: String(each.percent) })),
    weave: told.weave ?? '', threadCount: text(told.thread_count), yarnCount: text(told.yarn_count), gsm: text(told.gsm), filling: told.filling ?? '',
    gmodel: product.gmodel,
    pictures: product.pictures.map((address) => ({ address, zh: product.alts[address]?.zh ?? '', en: product.alts[address]?.en ?? '' })),
    dimensions,
    variants: product.variants.filter((each) => product.archived || !each.archived).map((each) => ({
      id: each.id, at: each.options, sku: each.sku, weight: String(each.weight_g), lists: listsOf(each),
      width: text(each.measures.width_cm), length: text(each.measures.length_cm), height: text(each.measures.height_cm),
      fill: text(each.measures.fill_weight_g), stock: String(each.left), left: each.left,
    })),
  };
}

/** Every combination of the values, the last dimension varying fastest. */
export function combinations(dimensions: DimensionDraft[]): Record<string, string>[] {
  return dimensions.reduce<Record<string, string>[]>(
    (so, one) => so.flatMap((at) => one.values.map((value) => ({ ...at, [one.id]: value.id }))),
    [{}],
  );
}

/** The variants that the dimensions make: those there are, and new ones for what is new. */
export function regrid(draft: Draft): Draft {
  const same = (one: Record<string, string>, other: Record<string, string>) =>
    draft.dimensions.every((each) => one[each.id] === other[each.id]);
  const known = draft.variants.map((each) => ({
    ...each,
    at: Object.fromEntries(draft.dimensions.map((one) => [one.id, each.at[one.id] ?? one.values[0]?.id ?? ''])),
  }));
  const left = [...known];
  const variants = combinations(draft.dimensions).slice(0, 500).map((at) => {
    const place = left.findIndex((each) => same(each.at, at));
    const found = place < 0 ? undefined : left.splice(place, 1)[0];
    return found ?? fresh(at, known[0]);
  });
  return { ...draft, variants };
}

function slug(label: string): string {
  return label.toLowerCase().replaceAll('×', 'x').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 36);
}

/** Keys for what is new, made of its English words. */
export function keyed(dimensions: DimensionDraft[]): DimensionDraft[] {
  function named<T extends { key: string; en: string }>(all: T[], letter: string): T[] {
    const taken = new Set(all.map((each) => each.key).filter(Boolean));
    return all.map((each) => {
      if (each.key) return each;
      const first = slug(each.en) || letter;
      let key = first;
      for (let n = 2; taken.has(key); n++) key = `${first}-${n}`;
      taken.add(key);
      return { ...each, key };
    });
  }
  return named(dimensions, 'd').map((one) => ({ ...one, values: named(one.values, 'v') }));
}

const number = (typed: string) => (typed.trim() === '' ? null : Number(typed));

function pruned<T extends object>(told: T): T {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null && value !== '')) as T;
}

export function wordsOf(draft: Draft) {
  const alts: Record<string, Both> = {};
  for (const each of draft.pictures) {
    if (each.zh || each.en) alts[each.address] = { zh: each.zh || each.en, en: each.en || each.zh };
  }
  const textile: Textile = pruned({
    weave: draft.weave, thread_count: number(draft.threadCount), yarn_count: number(draft.yarnCount),
    gsm: number(draft.gsm), filling: draft.filling,
  });
  return {
    title: { zh: draft.zh, en: draft.en }, description: { zh: draft.aboutZh, en: draft.aboutEn },
    category: draft.category, hs_code: draft.hsCode, origin: draft.origin.toUpperCase(),
    fibre: draft.fibres.map((each) => ({ fibre: each.fibre, percent: Number(each.percent) })),
    textile, customs_name: draft.customsName, customs_unit: draft.customsUnit, gmodel: pruned(draft.gmodel),
    pictures: draft.pictures.map((each) => each.address), alts,
  };
}

export function optionsOf(dimensions: DimensionDraft[]) {
  return dimensions.map((one) => ({
    key: one.key, label: { zh: one.zh, en: one.en },
    values: one.values.map((each) => ({ key: each.key, label: { zh: each.zh, en: each.en } })),
  }));
}

function amount(typed: string, currency: string): Money {
  return { minor: minorOf(typed, currency) ?? 0, currency };
}

export function variantOf(draft: VariantDraft) {
  const [first, ...others] = draft.lists;
  const measures: Measures = pruned({
    width_cm: number(draft.width), length_cm: number(draft.length), height_cm: number(draft.height), fill_weight_g: number(draft.fill),
  });
  const was = draft.lists.filter((each) => each.was).map((each) => ({
    price: amount(each.was, each.currency), basis: each.basis, since: each.since,
  }));
  return {
    sku: draft.sku.trim(), weight_g: Number(draft.weight),
    price: amount(first?.price ?? '', first?.currency ?? 'CNY'),
    prices: others.map((each) => amount(each.price, each.currency)), was, measures,
  };
}

/** The keys of a variant's values, once its dimensions have keys. */
export function keysOf(draft: VariantDraft, dimensions: DimensionDraft[]): Record<string, string> {
  return Object.fromEntries(dimensions.map((one) => [one.key, one.values.find((each) => each.id === draft.at[one.id])?.key ?? '']));
}

function priced(one: ListPrice): boolean {
  const price = minorOf(one.price, one.currency);
  if (price === null) return false;
  if (!one.was) return true;
  const was = minorOf(one.was, one.currency);
  return was !== null && was > price && one.basis !== '' && one.since !== '';
}

export function soundVariant(one: VariantDraft): boolean {
  const skuIsSound = /^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$/.test(one.sku.trim());
  return skuIsSound && Number(one.weight) > 0 && (one.width === '') === (one.length === '') && one.lists.every(priced);
}

export function sum(fibres: Draft['fibres']): number {
  return fibres.reduce((total, each) => total + Number(each.percent || 0), 0);
}

export function sound(draft: Draft): boolean {
  const named = [draft.zh, draft.en, draft.aboutZh, draft.aboutEn, draft.customsName].every((each) => each.trim());
  const codes = /^\d{10}$/.test(draft.hsCode) && /^\d{3}$/.test(draft.customsUnit) && /^[A-Za-z]{2}$/.test(draft.origin);
  const labelled = draft.dimensions.every((one) => one.zh && one.en && one.values.length > 0 && one.values.every((each) => each.zh && each.en));
  return named && codes && labelled && /^[a-z0-9][a-z0-9_.-]*$/.test(draft.category)
    && (draft.fibres.length === 0 || sum(draft.fibres) === 100) && draft.variants.length > 0 && draft.variants.every(soundVariant);
}
