// The ways in which a product's variants differ, and the values of each.
import { Icon } from '../parts/Icon';
import { productWords } from '../words/product';
import { combinations, newId, type DimensionDraft } from './draft';
import { Section } from './Words';

function Value({ value, only, put, remove }: {
  value: DimensionDraft['values'][number]; only: boolean;
  put: (to: Partial<DimensionDraft['values'][number]>) => void; remove: () => void;
}) {
  const w = productWords.value;
  return (
    <li class="flex gap-1.5" data-testid="value">
      <input class="input" lang="zh-CN" name="value-zh" placeholder={w.valueZh} aria-label={w.valueZh} maxLength={60} value={value.zh} onInput={(event) => put({ zh: event.currentTarget.value })} />
      <input class="input" lang="en" name="value-en" placeholder={w.valueEn} aria-label={w.valueEn} maxLength={60} value={value.en} onInput={(event) => put({ en: event.currentTarget.value })} />
      <button type="button" class="btn btn-ghost btn-square shrink-0" disabled={only} aria-label={`${w.removeValue} ${value.en}`} onClick={remove}><Icon name="close" size={16} /></button>
    </li>
  );
}

function Dimension({ one, isNew, put, remove }: {
  one: DimensionDraft; isNew: boolean; put: (to: DimensionDraft) => void; remove: () => void;
}) {
  const w = productWords.value;
  return (
    <li class="rounded-2xl border border-base-300 p-3" data-testid="dimension">
      <div class="flex gap-1.5">
        <input class="input font-semibold" lang="zh-CN" name="dimension-zh" placeholder={w.dimensionZh} aria-label={w.dimensionZh} maxLength={60} value={one.zh} onInput={(event) => put({ ...one, zh: event.currentTarget.value })} />
        <input class="input font-semibold" lang="en" name="dimension-en" placeholder={w.dimensionEn} aria-label={w.dimensionEn} maxLength={60} value={one.en} onInput={(event) => put({ ...one, en: event.currentTarget.value })} />
        <button type="button" class="btn btn-ghost btn-square shrink-0" aria-label={`${w.removeDimension} ${one.en}`} onClick={remove}><Icon name="trash" size={18} /></button>
      </div>
      {isNew && <p class="mt-2 text-xs text-quiet">{w.existing}</p>}
      <ul class="mt-2 flex flex-col gap-1.5 border-l-2 border-base-300 pl-3">
        {one.values.map((value, n) => (
          <Value
            key={value.id} value={value} only={one.values.length === 1}
            put={(to) => put({ ...one, values: one.values.map((each, i) => (i === n ? { ...each, ...to } : each)) })}
            remove={() => put({ ...one, values: one.values.filter((_, i) => i !== n) })}
          />
        ))}
        <li><button type="button" class="btn btn-ghost" onClick={() => put({ ...one, values: [...one.values, { id: newId(), key: '', zh: '', en: '' }] })} data-testid="add-value"><Icon name="plus" size={16} />{w.addValue}</button></li>
      </ul>
    </li>
  );
}

export function Dimensions({ dimensions, there, put }: {
  dimensions: DimensionDraft[]; there: boolean; put: (to: DimensionDraft[]) => void;
}) {
  const w = productWords.value;
  const count = combinations(dimensions).length;
  const add = () => put([...dimensions, { id: newId(), key: '', zh: '', en: '', values: [{ id: newId(), key: '', zh: '', en: '' }] }]);
  return (
    <Section title={w.dimensions} hint={w.dimensionHint} testid="dimensions">
      <ul class="grid gap-3 lg:grid-cols-2">
        {dimensions.map((one, n) => (
          <Dimension
            key={one.id} one={one} isNew={there && one.key === ''}
            put={(to) => put(dimensions.map((each, i) => (i === n ? to : each)))}
            remove={() => put(dimensions.filter((_, i) => i !== n))}
          />
        ))}
      </ul>
      <div class="mt-3 flex flex-wrap items-center justify-between gap-3">
        <button type="button" class="btn btn-quiet" disabled={dimensions.length >= 8} onClick={add} data-testid="add-dimension"><Icon name="plus" size={16} />{w.addDimension}</button>
        <span class={`text-sm ${count > 500 ? 'font-semibold text-error' : 'text-quiet'}`} data-testid="combinations">{count > 500 ? w.tooMany : w.combinations(count)}</span>
      </div>
    </Section>
  );
}
