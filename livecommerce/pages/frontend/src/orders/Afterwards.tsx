// The part of an order's page that begins once it is paid: cancel, return, papers.
import type { ComponentChildren } from 'preact';
import { get } from '../api/http';
import { isStaff, memberOf } from '../api/me';
import type { InvoiceOut, ReturnsOut } from '../api/afterwards';
import type { OrderOut } from '../api/wire';
import { Icon } from '../parts/Icon';
import { useAsked } from '../parts/pieces';
import { money } from '../money';
import { afterwards } from '../words/afterwards';
import { lang } from '../words/lang';
import { orderWords } from '../words/order';
import { canCancel, CancelForm, Cancellations } from './Cancel';
import { left } from './Contested';
import { canReturn, ReturnForm, Returns } from './Returns';

function Fold({ title, children, open, testid }: { title: string; children: ComponentChildren; open: boolean; testid: string }) {
  return (
    <details class="group panel px-5 py-2" open={open} data-testid={testid}>
      <summary class="flex min-h-11 list-none items-center justify-between font-serif text-xl font-semibold [&::-webkit-details-marker]:hidden">
        {title}<Icon name="down" size={18} class="transition-transform group-open:rotate-180" />
      </summary>
      <div class="pt-2 pb-3">{children}</div>
    </details>
  );
}

export function Afterwards({ order, again }: { order: OrderOut; again: () => void }) {
  const w = afterwards.value;
  const seller = memberOf(order.merchant) || isStaff.value;
  const sent = order.lines.some((line) => line.shipped > 0);
  const cancelled = order.lines.some((line) => line.cancelled > 0);
  const withBank = order.dispute === 'open' && left(order) <= 0;
  const stamp = `${order.state} ${order.lines.map((line) => line.returned).join()} ${order.refunds.map((each) => each.state).join()}`;
  const returns = useAsked(() => (sent ? get<ReturnsOut>(`/v1/orders/${order.id}/returns`) : Promise.resolve(null)), [sent, stamp]);
  const busy = returns.data?.items.some((each) => ['asked', 'approved', 'received', 'inspected'].includes(each.state)) ?? false;
  const onDone = () => {
    returns.again();
    again();
  };
  return (
    <>
      {(canCancel(order) || cancelled) && (
        <Fold title={w.cancelTitle} open={cancelled} testid="cancelling">
          <Cancellations order={order} />
          {canCancel(order) && !withBank && <CancelForm order={order} seller={seller} onDone={again} />}
          {canCancel(order) && withBank && <p class="text-sm text-quiet" data-testid="no-cancel">{orderWords.value.contested.noCancel}</p>}
        </Fold>
      )}
      {sent && returns.data && (returns.data.items.length > 0 || canReturn(order)) && (
        <Fold title={w.returnTitle} open={returns.data.items.length > 0} testid="returning">
          <Returns order={order} returns={returns.data} seller={seller} onDone={onDone} />
          {canReturn(order) && !(seller && busy) && <ReturnForm order={order} until={seller ? null : returns.data.ask_until} onDone={onDone} />}
        </Fold>
      )}
      {order.paid_at && <Papers order={order} stamp={stamp} />}
    </>
  );
}

function Papers({ order, stamp }: { order: OrderOut; stamp: string }) {
  const w = afterwards.value;
  const asked = useAsked(() => (order.address ? get<InvoiceOut[]>(`/v1/orders/${order.id}/invoices`) : Promise.resolve([])), [stamp]);
  const spoken = lang.value === 'en' ? 'en' : 'zh';
  return (
    <section class="panel p-5" aria-label={w.papers} data-testid="papers">
      <h2 class="mb-2 font-serif text-xl font-semibold">{w.papers}</h2>
      {!asked.data?.length && <p class="text-sm text-quiet">{w.noPapers}</p>}
      <ul>
        {asked.data?.map((each) => (
          <li key={each.id}>
            <a class="flex min-h-11 items-center gap-2 text-sm font-semibold text-indigo" href={`${each.href}?lang=${spoken}`} target="_blank" rel="noopener" data-testid={each.kind}>
              <Icon name="doc" size={18} /><span class="flex-1">{each.kind === 'invoice' ? w.invoice : w.creditNote} {each.number}</span><span class="text-base-content">{money(each.total)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
