// Forms that open a draw or set a bundle.
import { Field } from '../parts/pieces';
import { minorOf } from '../money';
import { told } from '../words/lang';
import { offerWords } from '../words/offers';
import { cards } from '../room/store';
import { startBundle, startDraw } from './offers';
import { Form, NumberField, useKept, whole } from './OfferForms';

export function DrawForm({ onClose }: { onClose: () => void }) {
  const w = offerWords.value;
  const [s, set] = useKept({ zh: '真丝枕套', en: 'Silk pillowcase', count: '1', condition: 'everyone', watch: '60', lasts: '180' });
  const count = whole(s.count, 1, 100);
  const lasts = whole(s.lasts, 30, 1800);
  const watch = s.condition === 'watch' ? whole(s.watch, 1, Math.max(1, (lasts ?? 0) - 120)) : 0;
  const sound = s.zh.trim() !== '' && s.en.trim() !== '' && count !== null && lasts !== null && watch !== null;
  return (
    <Form
      title={w.startDraw} sound={sound} onClose={onClose} testid="draw-form"
      work={() => startDraw({ prize: { zh: s.zh, en: s.en }, prizes: count ?? 1, condition: s.condition, watch_s: watch ?? 0, lasts_s: lasts ?? 180 })}
    >
      <div class="grid grid-cols-2 gap-3">
        <Field label={w.prizeZh}><input class="input" maxLength={60} value={s.zh} onInput={(event) => set({ zh: event.currentTarget.value })} /></Field>
        <Field label={w.prizeEn}><input class="input" maxLength={60} value={s.en} onInput={(event) => set({ en: event.currentTarget.value })} /></Field>
        <NumberField label={w.howMany} value={s.count} onPut={(count) => set({ count })} testid="draw-count" />
        <NumberField label={w.lasts} value={s.lasts} onPut={(lasts) => set({ lasts })} testid="draw-lasts" />
      </div>
      <Field label={w.who}>
        <select class="select" value={s.condition} onChange={(event) => set({ condition: event.currentTarget.value })} data-testid="draw-condition">
          {Object.entries(w.conditions).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </Field>
      {s.condition === 'watch' && <NumberField label={w.watchS} value={s.watch} onPut={(watch) => set({ watch })} testid="draw-watch" />}
    </Form>
  );
}

export function BundleForm({ onClose }: { onClose: () => void }) {
  const w = offerWords.value;
  const currency = cards.value[0]?.variants[0]?.price.currency ?? 'CNY';
  const [s, set] = useKept<{ chosen: string[]; nth: string; percent: string; off: string }>({ chosen: cards.value.slice(0, 1).map((card) => card.id), nth: '2', percent: '50', off: '20' });
  const several = s.chosen.length > 1;
  const nth = whole(s.nth, 2, 10);
  const percent = whole(s.percent, 1, 90);
  const off = minorOf(s.off, currency);
  const sound = s.chosen.length > 0 && (several ? (off ?? 0) > 0 : nth !== null && percent !== null);
  const toggle = (card: string) => set({ chosen: s.chosen.includes(card) ? s.chosen.filter((each) => each !== card) : [...s.chosen, card] });
  return (
    <Form
      title={w.startBundle} sound={sound} onClose={onClose} testid="bundle-form"
      work={() => startBundle({ cards: s.chosen, nth: nth ?? 2, percent: several ? null : percent, off: several ? off : null })}
    >
      <fieldset>
        <legend class="field-label">{w.product}</legend>
        <ul class="thin-bar max-h-60 overflow-y-auto rounded-xl border border-base-300">
          {cards.value.map((card) => (
            <li key={card.id}>
              <label class="flex min-h-11 items-center gap-3 px-3 text-sm"><input type="checkbox" class="checkbox" checked={s.chosen.includes(card.id)} onChange={() => toggle(card.id)} />{told(card.title)}</label>
            </li>
          ))}
        </ul>
        <p class="mt-1 text-xs text-quiet">{w.bundleHint}</p>
      </fieldset>
      {several ? <NumberField label={`${w.amount} (${currency})`} value={s.off} onPut={(text) => set({ off: text })} testid="bundle-off" /> : (
        <div class="grid grid-cols-2 gap-3">
          <NumberField label={w.secondOf} value={s.nth} onPut={(text) => set({ nth: text })} testid="bundle-nth" />
          <NumberField label={w.percent} value={s.percent} onPut={(text) => set({ percent: text })} testid="bundle-percent" />
        </div>
      )}
    </Form>
  );
}
