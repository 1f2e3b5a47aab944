// A list of things with an amount: one line on a desk, two on a phone.
import type { ComponentChildren } from 'preact';
import type { Money } from '../api/wire';
import { money } from '../money';
import { moneyWords } from '../words/money';
import { Empty } from '../parts/Empty';
import { Icon } from '../parts/Icon';
import { serverNow } from '../time';

const BEIJING_AHEAD = 8 * 3600_000;

export type Tone = 'good' | 'bad' | 'wait' | 'quiet';

const TONES: Record<Tone, string> = {
  good: 'bg-[#e3efe6] text-success',
  bad: 'bg-[#fbe4e2] text-error',
  wait: 'bg-[#f9ebcf] text-[#6d4300]',
  quiet: 'bg-base-300 text-base-content',
};

export function Tag({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`tag ${TONES[tone]}`}>{children}</span>;
}

/** What a row is about, on a page of its own; as high as a thumb on a phone. */
export function RowLink({ href, children }: { href: string; children: ComponentChildren }) {
  return <a class="link link-hover -my-2.5 inline-flex min-h-11 items-center lg:my-0 lg:min-h-6" href={href}>{children}</a>;
}

export interface RowProps {
  title: ComponentChildren; sub?: ComponentChildren; tag?: ComponentChildren;
  amount?: Money; under?: ComponentChildren; action?: ComponentChildren; testid?: string;
}

export function Row({ title, sub, tag, amount, under, action, testid }: RowProps) {
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-xl px-3 py-2.5 hover:bg-base-200" data-testid={testid}>
      <div class="min-w-0 flex-1 basis-52">
        <p class="flex flex-wrap items-center gap-2 text-sm font-semibold wrap-anywhere">{title}{tag}</p>
        {sub && <div class="mt-0.5 text-xs break-words text-quiet">{sub}</div>}
      </div>
      {(amount || under) && (
        <div class="ml-auto text-right">
          {amount && <p class="text-sm font-semibold whitespace-nowrap">{money(amount)}</p>}
          {under && <p class="text-xs text-quiet">{under}</p>}
        </div>
      )}
      {action && <div class="ml-auto flex gap-1.5">{action}</div>}
    </li>
  );
}

export function Rows<T>({ items, row, testid }: {
  items: T[]; row: (item: T) => ComponentChildren; testid?: string;
}) {
  if (items.length === 0) return <Empty icon="list" text={moneyWords.value.nothing} />;
  return <ul class="divide-y divide-base-300/60" data-testid={testid}>{items.map(row)}</ul>;
}

export function Section({ title, hint, children, id, aside }: {
  title: string; hint?: string; children: ComponentChildren; id: string; aside?: ComponentChildren;
}) {
  return (
    <section class="panel min-w-0 scroll-mt-32 p-3" aria-labelledby={id}>
      <div class="flex flex-wrap items-center gap-2 px-3 pt-2 pb-1">
        <h2 id={id} class="flex-1 scroll-mt-32 font-serif text-xl font-semibold">{title}</h2>
        {aside}
      </div>
      {hint && <p class="px-3 pb-2 text-xs text-quiet">{hint}</p>}
      {children}
    </section>
  );
}

/** The last twelve calendar months in Beijing, newest first, as YYYY-MM-01. */
export function months(): string[] {
  const now = new Date(serverNow() + BEIJING_AHEAD);
  return Array.from({ length: 12 }, (_, back) => {
    const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    return at.toISOString().slice(0, 10);
  });
}

function Months({ merchant, months }: { merchant: string; months: string[] }) {
  const w = moneyWords.value;
  return (
    <ul class="grid gap-x-6 sm:grid-cols-2">
      {months.map((month) => {
        const path = (ending: string) => `/v1/merchants/${merchant}/statement.${ending}?month=${month}`;
        const label = month.slice(0, 7);
        return (
          <li key={month} class="flex items-center gap-1.5 px-3 py-1">
            <span class="flex-1 text-sm font-semibold tabular-nums">{label}</span>
            <a class="btn btn-quiet btn-sm" href={path('pdf')} aria-label={`${w.pdf} ${label}`}>{w.pdf}</a>
            <a class="btn btn-quiet btn-sm" href={path('csv')} aria-label={`${w.csv} ${label}`}>{w.csv}</a>
          </li>
        );
      })}
    </ul>
  );
}

const AT_HAND = 4; // months

export function Statements({ merchant }: { merchant: string }) {
  const w = moneyWords.value;
  const all = months();
  return (
    <div data-testid="statements">
      <Months merchant={merchant} months={all.slice(0, AT_HAND)} />
      <details class="group">
        <summary class="mx-3 inline-flex min-h-11 list-none items-center gap-1 text-sm font-semibold text-indigo [&::-webkit-details-marker]:hidden">
          {w.earlierMonths}<Icon name="down" size={16} class="transition-transform group-open:rotate-180" />
        </summary>
        <Months merchant={merchant} months={all.slice(AT_HAND)} />
      </details>
    </div>
  );
}
