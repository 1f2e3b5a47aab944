// What a product says of itself: names, descriptions, cloth, and what customs is told.
import type { ComponentChildren } from 'preact';
import { Icon } from '../parts/Icon';
import { Field } from '../parts/pieces';
import { productWords } from '../words/product';
import { sum, type Draft } from './draft';

interface Props { draft: Draft; put: (to: Partial<Draft>) => void }
type Name = {
  [K in keyof Draft]: Draft[K] extends string ? K : never;
}[keyof Draft];

export function Section({ title, children, hint, testid }: {
  title: string; children: ComponentChildren; hint?: string; testid?: string;
}) {
  return (
    <section class="panel p-5" aria-label={title} data-testid={testid}>
      <h2 class="font-serif text-xl font-semibold">{title}</h2>
      {hint && <p class="mt-1 text-sm text-quiet">{hint}</p>}
      <div class="mt-4">{children}</div>
    </section>
  );
}

function useText({ draft, put }: Props) {
  return (name: Name) => ({
    name, class: 'input', value: draft[name],
    onInput: (event: { currentTarget: { value: string } }) => put({ [name]: event.currentTarget.value }),
  });
}

export function Names(props: Props) {
  const w = productWords.value;
  const on = useText(props);
  return (
    <Section title={w.words}>
      <div class="grid gap-4 md:grid-cols-2">
        <Field label={w.titleZh}><input {...on('zh')} lang="zh-CN" required maxLength={200} /></Field>
        <Field label={w.titleEn}><input {...on('en')} lang="en" required maxLength={200} /></Field>
        <Field label={w.descriptionZh}><textarea {...on('aboutZh')} class="textarea" lang="zh-CN" rows={4} required maxLength={4000} /></Field>
        <Field label={w.descriptionEn}><textarea {...on('aboutEn')} class="textarea" lang="en" rows={4} required maxLength={4000} /></Field>
        <Field label={w.category} hint={w.categoryHint}><input {...on('category')} required maxLength={40} pattern="[a-z0-9][a-z0-9_.\-]*" /></Field>
      </div>
    </Section>
  );
}

function Choice({ label, value, from, onChange, name }: {
  label: string; value: string; from: Record<string, string>; onChange: (to: string) => void; name: string;
}) {
  return (
    <Field label={label}>
      <select class="select" name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{productWords.value.unset}</option>
        {Object.entries(from).map(([key, words]) => <option key={key} value={key}>{words}</option>)}
      </select>
    </Field>
  );
}

export function Cloth(props: Props) {
  const w = productWords.value;
  const { draft, put } = props;
  const on = useText(props);
  const change = (n: number, to: Partial<Draft['fibres'][number]>) =>
    put({ fibres: draft.fibres.map((each, i) => (i === n ? { ...each, ...to } : each)) });
  const total = sum(draft.fibres);
  return (
    <Section title={w.textile}>
      <fieldset>
        <legend class="field-label">{w.fibre}</legend>
        <ul class="flex flex-col gap-2">
          {draft.fibres.map((each, n) => (
            <li key={n} class="flex gap-2">
              <select class="select min-w-0 flex-1" aria-label={w.fibre} value={each.fibre} onChange={(event) => change(n, { fibre: event.currentTarget.value })}>
                {Object.entries({ ...(each.fibre in w.fibres ? {} : { [each.fibre]: each.fibre }), ...w.fibres }).map(([key, words]) => <option key={key} value={key}>{words}</option>)}
              </select>
              <span class="w-24 shrink-0"><input class="input" inputMode="numeric" aria-label={w.percent} value={each.percent} onInput={(event) => change(n, { percent: event.currentTarget.value })} /></span>
              <button type="button" class="btn btn-ghost btn-square" aria-label={`− ${w.fibres[each.fibre] ?? each.fibre}`} onClick={() => put({ fibres: draft.fibres.filter((_, i) => i !== n) })}><Icon name="trash" size={18} /></button>
            </li>
          ))}
        </ul>
        <div class="mt-2 flex items-center justify-between gap-3">
          <button type="button" class="btn btn-quiet" onClick={() => put({ fibres: [...draft.fibres, { fibre: 'polyester', percent: String(Math.max(0, 100 - total)) }] })}><Icon name="plus" size={16} />{w.addFibre}</button>
          {draft.fibres.length > 0 && <span class={`text-sm ${total === 100 ? 'text-success' : 'font-semibold text-error'}`}>{total === 100 ? w.sum(total) : `${w.sum(total)} · ${w.sumWrong}`}</span>}
        </div>
      </fieldset>
      <div class="mt-4 grid grid-cols-2 gap-4 md:grid-cols-3">
        <Choice label={w.weave} name="weave" value={draft.weave} from={w.weaves} onChange={(weave) => put({ weave })} />
        <Choice label={w.filling} name="filling" value={draft.filling} from={w.fillings} onChange={(filling) => put({ filling })} />
        <Field label={w.threadCount}><input {...on('threadCount')} inputMode="numeric" /></Field>
        <Field label={w.yarnCount}><input {...on('yarnCount')} inputMode="numeric" /></Field>
        <Field label={w.gsm}><input {...on('gsm')} inputMode="numeric" /></Field>
      </div>
    </Section>
  );
}

export function Customs(props: Props) {
  const w = productWords.value;
  const { draft, put } = props;
  const on = useText(props);
  const names = [...new Set([...Object.keys(w.elementNames), ...Object.keys(draft.gmodel)])];
  return (
    <Section title={w.customs}>
      <div class="grid grid-cols-2 gap-4">
        <Field label={w.hsCode}><input {...on('hsCode')} inputMode="numeric" required maxLength={10} pattern="\d{10}" /></Field>
        <Field label={w.origin}><input {...on('origin')} required maxLength={2} pattern="[A-Za-z]{2}" /></Field>
        <Field label={w.customsName}><input {...on('customsName')} lang="zh-CN" required maxLength={250} /></Field>
        <Field label={w.customsUnit}><input {...on('customsUnit')} inputMode="numeric" required maxLength={3} pattern="\d{3}" /></Field>
      </div>
      <details class="mt-4">
        <summary class="flex min-h-11 items-center gap-1.5 text-sm font-semibold text-indigo">{w.elements}<Icon name="down" size={16} /></summary>
        <div class="mt-2 grid grid-cols-2 gap-4">
          {names.map((name) => (
            <Field key={name} label={w.elementNames[name] ?? name}>
              <input class="input" value={draft.gmodel[name] ?? ''} maxLength={100} onInput={(event) => put({ gmodel: { ...draft.gmodel, [name]: event.currentTarget.value } })} />
            </Field>
          ))}
        </div>
      </details>
    </Section>
  );
}
