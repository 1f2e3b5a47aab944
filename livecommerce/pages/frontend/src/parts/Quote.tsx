// A landed cost, line by line: what it is, what it is on, at which rate, by which dated rule.
import type { Charge, ChargeKind, QuoteOut } from '../api/wire';
import { money } from '../money';
import { lang, told } from '../words/lang';
import { quoteWords, rateSource } from '../words/quote';
import { Countdown } from './pieces';
import { Icon, type IconName } from './Icon';

const ICONS: Record<ChargeKind, IconName> = {
  goods: 'bag', shipping: 'truck', duty: 'stamp', tax: 'doc', fee: 'card',
};

function percent(rate: string | null): string {
  if (!rate) return '';
  const value = Number(rate);
  if (Number.isNaN(value)) return rate;
  return new Intl.NumberFormat(lang.value, { style: 'percent', maximumFractionDigits: 2 }).format(value);
}

/** Sources are addresses more often than not; a reader wants to know whose. */
function Source({ text }: { text: string }) {
  if (!/^https?:\/\//.test(text)) return <>{text}</>;
  return (
    <a href={text} target="_blank" rel="noreferrer" class="link break-all">
      {new URL(text).host}
    </a>
  );
}

/** What the buyer calls a variant; the quote itself knows only its SKU. */
export type Named = (variant: string) => string | undefined;

function Line({ charge, named }: { charge: Charge; named: Named | undefined }) {
  const w = quoteWords.value;
  const [only] = charge.shares;
  const name = charge.kind === 'goods' && charge.shares.length === 1 && only ? named?.(only.variant) : undefined;
  const reasoned = charge.rule_id !== '' || charge.rate;
  return (
    <li class="py-2.5" data-testid={`charge-${charge.kind}`}>
      <div class="flex items-start gap-3">
        <span class="mt-0.5 grid size-8 shrink-0 place-items-center rounded-full bg-base-200 text-quiet"><Icon name={ICONS[charge.kind]} size={17} /></span>
        <div class="min-w-0 flex-1">
          <p class="flex items-baseline justify-between gap-3">
            <span class="font-medium">{name ?? (told(charge.title) || w.kinds[charge.kind])}</span>
            <span class="font-semibold whitespace-nowrap">{money(charge.amount)}</span>
          </p>
          {charge.base && charge.rate && (
            <p class="text-xs text-quiet">{percent(charge.rate)} × {money(charge.base)}</p>
          )}
          {charge.offers.map((offer) => (
            <p key={offer.id} class="flex items-baseline justify-between gap-3 text-xs font-medium text-success" data-testid="quote-offer" data-kind={offer.kind}>
              <span>{told(offer.reason)}</span><span class="whitespace-nowrap">−{money(offer.amount)}</span>
            </p>
          ))}
          {reasoned && (
            <details class="group text-xs text-quiet">
              <summary class="inline-flex min-h-6 items-center gap-1 font-medium text-indigo">
                {w.why}<Icon name="down" size={13} class="transition-transform group-open:rotate-180" />
              </summary>
              <p class="mt-1 rounded-lg bg-base-200 p-2.5 leading-relaxed">
                {charge.note && <span class="mb-1 block">{told(charge.note)}</span>}
                {w.source}: <Source text={charge.source} />
                {charge.valid_from && <> · {w.from(charge.valid_from)}</>}
                {charge.rule_id && <><br />{w.rule}: <code>{charge.rule_id}</code></>}
                {charge.confidence && <> · {w.confidence}: {charge.confidence}</>}
              </p>
            </details>
          )}
        </div>
      </div>
    </li>
  );
}

export function Quote({ quote, clock = false, named }: {
  quote: QuoteOut; clock?: boolean; named?: Named;
}) {
  const w = quoteWords.value;
  const left: [ChargeKind, boolean][] = [['duty', quote.duty === null], ['tax', quote.tax === null]];
  return (
    <div data-testid="quote">
      <div class="flex flex-wrap items-center gap-2">
        <span class={`tag ${quote.terms === 'DDP' ? 'bg-[#e3efe6] text-success' : 'bg-[#f9ebcf] text-[#6d4300]'}`}>
          <Icon name={quote.terms === 'DDP' ? 'check' : 'alert'} size={14} />{w.terms[quote.terms]}
        </span>
        {clock && <span class="inline-flex items-center gap-1 text-xs text-quiet"><Icon name="clock" size={14} />{w.valid} <Countdown until={quote.expires_at} class="font-semibold" /></span>}
      </div>
      <p class="mt-2 text-sm leading-relaxed text-quiet">{told(quote.terms_text)}</p>
      {quote.parcels.map((parcel) => (
        <ul key={parcel.merchant} class="mt-1 divide-y divide-dashed divide-base-300">
          {parcel.charges.map((charge, index) => <Line key={`${charge.kind}-${index}`} charge={charge} named={named} />)}
        </ul>
      ))}
      {left.filter(([, open]) => open).map(([kind]) => (
        <p key={kind} class="flex justify-between gap-3 py-2 text-sm"><span>{w.kinds[kind]}</span><span class="text-[#6d4300]">{w.notIncluded}</span></p>
      ))}
      <p class="mt-1 flex items-baseline justify-between border-t-2 border-base-content/80 pt-3">
        <span class="font-semibold">{w.total}</span>
        <span class="font-serif text-2xl font-bold text-primary" data-testid="quote-total">{money(quote.total)}</span>
      </p>
      {quote.rates.map((rate) => (
        <p key={rate.base + rate.currency} class="mt-1.5 text-xs text-quiet">
          {w.converted(rate.on)}: 1 {rate.base} = <span title={rate.rate}>{Number(Number(rate.rate).toPrecision(6))}</span> {rate.currency} · {w.rateSource} {rateSource(rate.source)}
        </p>
      ))}
      {quote.notices.map((notice) => (
        <p key={notice.en} class="mt-2 flex gap-2 rounded-xl bg-base-200 p-2.5 text-xs leading-relaxed text-quiet"><Icon name="info" size={16} />{told(notice)}</p>
      ))}
    </div>
  );
}
