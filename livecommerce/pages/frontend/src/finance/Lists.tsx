// Payments, refunds, payouts and statements, as finance staff look for them.
import { useState } from 'preact/hooks';
import type { DeskRow } from '../api/afterwards';
import { get, post } from '../api/http';
import type { LateOwed, MerchantOut, NotBackOut, PaymentListed, PayoutOut, RefundListed, UnsentOut } from '../api/money';
import type { PageOf } from '../api/wire';
import { money } from '../money';
import { useAsked, Waiting } from '../parts/pieces';
import { attempt, say } from '../parts/Toast';
import { dayAndTime, format } from '../time';
import { whyRefunded } from '../words/afterwards';
import { told } from '../words/lang';
import { moneyWords, whyUnsent } from '../words/money';
import { orderWords } from '../words/order';
import { failureName } from '../words/provider';
import { Reversal } from './Correction';
import { Row, RowLink, Rows, Section, Statements, Tag, type Tone } from './Rows';
import { TermsSheet } from './Terms';

const PAID: Record<string, Tone> = { captured: 'good', settled: 'good', paid: 'good', refused: 'bad', failed: 'bad', cancelled: 'quiet', canceled: 'quiet' };
const tone = (state: string): Tone => PAID[state] ?? 'wait';

export function Payments() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<PageOf<PaymentListed>>('/v1/payments'), []);
  return (
    <Section id="payments" title={w.tabs.payments}>
      <Waiting asked={asked}>
        {({ items }) => <Rows items={items} testid="payments" row={(each) => (
          <Row
            key={each.id} testid="payment" amount={each.amount}
            title={<RowLink href={`/checkout/${each.checkout}`}>{dayAndTime(each.recorded_at)}</RowLink>}
            sub={<>{each.id}{each.failure ? ` · ${failureName(each.failure)}` : ''}</>}
            tag={<Tag tone={tone(each.state)}>{w.paymentStates[each.state]}</Tag>}
            under={[each.refunded.minor > 0 ? w.refundedOf(money(each.refunded)) : '', w.charging[each.charging]].filter(Boolean).join(' · ') || undefined}
          />
        )} />}
      </Waiting>
    </Section>
  );
}

interface Owing { orders: DeskRow[]; lates: LateOwed[] }

async function whatIsOwed(): Promise<Owing> {
  const [desk, lates] = await Promise.all([
    get<PageOf<DeskRow>>('/v1/desk/orders?owing=true&limit=100'), get<LateOwed[]>('/v1/late-payments/owed'),
  ]);
  return { orders: desk.items, lates };
}

function StillOwed() {
  const w = moneyWords.value;
  const asked = useAsked(whatIsOwed, []);
  if (!asked.data || asked.data.orders.length + asked.data.lates.length === 0) return null;
  const { orders, lates } = asked.data;
  return (
    <div class="mb-5">
      <Section id="still-owed" title={w.stillOwed} hint={w.stillOwedHint}>
        {lates.length > 0 && <Rows items={lates} testid="late-owed" row={(each) => (
          <Row
            key={each.checkout} amount={each.owed} testid="late-owing" sub={each.checkout}
            title={<RowLink href={`/checkout/${each.checkout}`}>{dayAndTime(each.ended_at)}</RowLink>}
            tag={<Tag tone="quiet">{orderWords.value.tooLate}</Tag>}
          />
        )} />}
        {orders.length > 0 && <Rows items={orders} testid="still-owed" row={(each) => (
          <Row
            key={each.id} amount={each.owed} testid="owing" sub={`${told(each.merchant_name)} · ${told(each.title)}`}
            title={<RowLink href={`/orders/${each.id}`}>{dayAndTime(each.placed_at)}</RowLink>}
            tag={<Tag tone="quiet">{orderWords.value.states[each.state]}</Tag>}
          />
        )} />}
      </Section>
    </div>
  );
}

export function Refunds() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<RefundListed[]>('/v1/refunds'), []);
  const [mistaken, undo] = useState<RefundListed | null>(null);
  return (
    <>
      <StillOwed />
      <Section id="refunds" title={w.tabs.refunds}>
        <Waiting asked={asked}>
          {(items) => <Rows items={items} testid="refunds" row={(each) => (
            <Row
              key={each.id} amount={each.amount} testid="refund"
              sub={<>{whyRefunded(each.reason)}{each.failure ? ` · ${failureName(each.failure)}` : ''}{each.outside && ` · ${orderWords.value.paidByBank(each.outside)}`}</>}
              title={<RowLink href={each.order.startsWith('chk_') ? `/checkout/${each.order}` : `/orders/${each.order}`}>{dayAndTime(each.requested_at)}</RowLink>}
              tag={<Tag tone={tone(each.state)}>{w.refundStates[each.state]}</Tag>}
              action={each.outside && each.state === 'settled' && <button type="button" class="btn btn-ghost btn-sm" onClick={() => undo(each)} data-testid="not-paid">{w.notPaid}</button>}
            />
          )} />}
        </Waiting>
      </Section>
      {mistaken && <Reversal of={{ kind: 'refund-outside', source: mistaken.id, occurred_at: mistaken.settled_at ?? mistaken.requested_at, amount: mistaken.amount }} onClose={() => undo(null)} />}
    </>
  );
}

interface GoingOut { payouts: PayoutOut[]; unsent: UnsentOut[]; kept: NotBackOut[]; names: Map<string, string> }

async function payoutsAndNames(): Promise<GoingOut> {
  const [payouts, unsent, kept, merchants] = await Promise.all([
    get<PayoutOut[]>('/v1/payouts'), get<UnsentOut[]>('/v1/unsent'), get<NotBackOut[]>('/v1/not-taken-back'),
    get<MerchantOut[]>('/v1/merchants'),
  ]);
  return { payouts, unsent, kept, names: new Map(merchants.map((each) => [each.id, told(each.name)])) };
}

/** What merchants should have, and the provider would not send. */
function Unsent({ unsent, names }: GoingOut) {
  const w = moneyWords.value;
  const again = (merchant: string) => attempt(async () => {
    await post(`/v1/merchants/${merchant}/unsent/again`);
    say(w.askedAgain);
  });
  return (
    <Section id="unsent" title={w.unsent}>
      <Rows items={unsent} testid="unsent" row={(each) => (
        <Row
          key={`${each.order}${each.merchant}${each.amount.currency}`} testid="unsent-row" amount={each.amount}
          title={<RowLink href={`/money/${each.merchant}`}>{names.get(each.merchant) ?? each.merchant}</RowLink>}
          sub={[whyUnsent(each.why), each.again_at ? w.againAt(dayAndTime(each.again_at)) : w.untilSaid].join(' · ')}
          under={w.refusals(each.refusals)}
          tag={<button type="button" class="btn btn-quiet btn-sm" onClick={() => void again(each.merchant)} data-testid="ask-again">{w.askAgain}</button>}
        />
      )} />
    </Section>
  );
}

/** What merchants keep though it was asked back: they owe it. */
function NotBack({ kept, names }: GoingOut) {
  const w = moneyWords.value;
  return (
    <Section id="not-back" title={w.notBack}>
      <Rows items={kept} testid="not-back" row={(each) => (
        <Row
          key={each.id} amount={each.amount} sub={`${dayAndTime(each.wanted_at)} · ${whyUnsent(each.why)}`}
          title={<RowLink href={`/money/${each.merchant}`}>{names.get(each.merchant) ?? each.merchant}</RowLink>}
        />
      )} />
    </Section>
  );
}

export function Payouts() {
  const w = moneyWords.value;
  const asked = useAsked(payoutsAndNames, []);
  return (
    <Waiting asked={asked}>
      {(all) => (
        <div class="flex flex-col gap-5">
          {all.unsent.length > 0 && <Unsent {...all} />}
          {all.kept.length > 0 && <NotBack {...all} />}
          <Section id="payouts" title={w.tabs.payouts}>
            <Rows items={all.payouts} testid="payouts" row={(each) => (
              <Row
                key={each.id} amount={each.amount} title={each.merchant ? all.names.get(each.merchant) ?? each.merchant : w.centreOwn}
                sub={<>{dayAndTime(each.made_at)} → {format(each.arrives_at, { month: 'short', day: 'numeric' })}{each.failure ? ` · ${failureName(each.failure)}` : ''}</>}
                tag={<Tag tone={tone(each.state)}>{w.payoutStates[each.state]}</Tag>}
              />
            )} />
          </Section>
        </div>
      )}
    </Waiting>
  );
}

export function AllStatements() {
  const w = moneyWords.value;
  const asked = useAsked(() => get<MerchantOut[]>('/v1/merchants'), []);
  const [opened, open] = useState<MerchantOut | null>(null);
  return (
    <Waiting asked={asked}>
      {(merchants) => (<>
        <div class="grid gap-5 lg:grid-cols-2" data-testid="all-statements">
          {merchants.map((each) => (
            <Section key={each.id} id={each.id} title={told(each.name)} aside={<><button type="button" class="btn btn-quiet btn-sm" onClick={() => open(each)} data-testid="terms-open">{w.terms}</button><a class="btn btn-quiet btn-sm" href={`/money/${each.id}`}>{w.money}</a></>}>
              <Statements merchant={each.id} />
            </Section>
          ))}
        </div>
        {opened && <TermsSheet merchant={opened} onClose={() => open(null)} />}
      </>)}
    </Waiting>
  );
}
