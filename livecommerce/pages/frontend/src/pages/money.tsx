// A merchant's money: what is pending, available and in reserve; what comes next and why.
import { useState } from 'preact/hooks';
import { get, post } from '../api/http';
import { memberOf } from '../api/me';
import type { BalanceOut, MerchantOut, PayeeOut, PayoutOut, PlanOut, ReceiptsOut, ShareOut, TransferOut, UnsentOut } from '../api/money';
import { idOf } from '../boot';
import { Balances } from '../finance/Balances';
import { Row, RowLink, Rows, Section, Statements, Tag } from '../finance/Rows';
import { Agreed } from '../finance/Terms';
import { money } from '../money';
import { Frame } from '../parts/Frame';
import { Icon } from '../parts/Icon';
import { useAsked, Waiting } from '../parts/pieces';
import { show } from '../parts/show';
import { attempt } from '../parts/Toast';
import { dayAndTime, format } from '../time';
import { told } from '../words/lang';
import { moneyWords, whyUnsent } from '../words/money';
import { failureName } from '../words/provider';

interface Told {
  merchant: MerchantOut; balances: BalanceOut[]; shares: ShareOut[]; payee: PayeeOut;
  transfers: TransferOut[]; payouts: PayoutOut[]; receipts: ReceiptsOut; plans: PlanOut[]; unsent: UnsentOut[];
}

async function read(): Promise<Told> {
  const at = `/v1/merchants/${idOf('merchant')}`;
  const [merchant, balances, shares, payee, transfers, payouts, receipts, plans, unsent] = await Promise.all([
    get<MerchantOut>(at), get<BalanceOut[]>(`${at}/balances`), get<ShareOut[]>(`${at}/shares`), get<PayeeOut>(`${at}/payee`),
    get<TransferOut[]>(`${at}/transfers`), get<PayoutOut[]>(`${at}/payouts`), get<ReceiptsOut>(`${at}/receipts`), get<PlanOut[]>(`${at}/plans`),
    get<UnsentOut[]>(`${at}/unsent`),
  ]);
  return { merchant, balances, shares, payee, transfers, payouts, receipts, plans, unsent };
}

const NEWEST = 8; // orders that are shown at first

const day = (at: string) => format(at, { year: 'numeric', month: 'short', day: 'numeric' });

/** Why the next money comes when it comes. */
function Next({ all, merchant }: { all: Told; merchant: string }) {
  const w = moneyWords.value;
  const { payee, shares, payouts, unsent: kept } = all;
  const waiting = shares.filter((each) => each.state === 'pending' && each.left.minor > 0);
  const due = waiting.filter((each) => each.due_at && !each.disputed)
    .sort((a, b) => Date.parse(a.due_at ?? '') - Date.parse(b.due_at ?? ''))[0];
  const unsent = waiting.filter((each) => !each.due_at && !each.disputed).length;
  const moving = payouts.find((each) => ['pending', 'in_transit'].includes(each.state));
  const failed = payouts[0]?.state === 'failed' ? payouts[0] : undefined;
  const open = () => attempt(async () => {
    const { url } = await post<{ url: string }>(`/v1/merchants/${merchant}/payee/onboarding`);
    location.assign(url);
  });
  return (
    <Section id="next" title={w.next}>
      <ul class="flex flex-col gap-2 px-3 pb-3 text-sm" data-testid="next">
        {failed && <li class="flex gap-2 font-semibold text-error"><Icon name="alert" size={18} />{w.failedPayout(money(failed.amount))}</li>}
        {kept.map((each) => (
          <li key={`${each.order}${each.amount.currency}`} class="flex gap-2 font-semibold text-error" data-testid="unsent">
            <Icon name="alert" size={18} class="shrink-0" />
            <span>{w.unsentFor(money(each.amount))} · {whyUnsent(each.why)} · {each.again_at ? w.againAt(dayAndTime(each.again_at)) : w.untilSaid}</span>
          </li>
        ))}
        {moving && <li class="flex gap-2"><Icon name="truck" size={18} class="text-secondary" />{w.onItsWay(money(moving.amount), day(moving.arrives_at))}</li>}
        <li class="flex gap-2"><Icon name="clock" size={18} class="text-secondary" />{due?.due_at ? w.nextRelease(money(due.left), day(due.due_at)) : w.nothingDue}</li>
        {unsent > 0 && <li class="flex gap-2"><Icon name="box" size={18} class="text-secondary" />{w.waitsForGoods(unsent)}</li>}
        <li class="flex gap-2"><Icon name={payee.state === 'ready' ? 'check' : 'info'} size={18} class="text-secondary" />{payee.state ? w.payee[payee.state] : w.noPayee}</li>
      </ul>
      {payee.state !== 'ready' && (
        <div class="px-3 pb-3">
          {memberOf(merchant, 'owner')
            ? <button type="button" class="btn btn-primary w-full sm:w-auto" onClick={() => void open()} data-testid="onboard">{w.onboard}</button>
            : <p class="text-sm text-quiet">{w.ownerOnly}</p>}
        </div>
      )}
    </Section>
  );
}

function Share({ each }: { each: ShareOut }) {
  const w = moneyWords.value;
  const lost = each.lost.minor > 0;
  const over = lost && each.left.minor === 0;
  const gone = each.state === 'gone' || (each.left.minor === 0 && each.share.minor > 0);
  const when = over ? w.lostOf(money(each.lost)) : gone ? ''
    : each.released_at ? w.released(day(each.released_at))
      : each.disputed ? '' : each.due_at ? w.due_at(day(each.due_at)) : w.notLeft;
  return (
    <Row
      testid="share" amount={each.left} under={each.left.minor === each.share.minor ? undefined : w.ofShare(money(each.share))}
      title={<RowLink href={`/orders/${each.order}`}>{told(each.title)}</RowLink>}
      tag={<Tag tone={each.disputed || over ? 'bad' : gone ? 'quiet' : each.state === 'available' ? 'good' : 'wait'}>{each.disputed ? w.disputed : over ? w.lost : gone ? w.gone : each.state === 'available' ? w.available : w.pending}</Tag>}
      sub={<>
        <span class="block">{w.pieces(each.pieces)} · {dayAndTime(each.paid_at)} · <code class="inline-block break-all" data-testid="share-number">{each.order}</code></span>
        {[each.inquiry ? [w.disputeStates.inquiry, each.inquiry.answer_by ? w.answerBy(dayAndTime(each.inquiry.answer_by)) : ''].filter(Boolean).join(' · ') : '', when, lost && !over ? w.lostOf(money(each.lost)) : '', each.exchanged ? w.exchanged(money(each.exchanged.sold), each.exchanged.rate, each.exchanged.on) : each.settles_in && !each.released_at ? w.settledIn(each.settles_in) : '', w.charging[each.charging]].filter(Boolean).join(' · ')}
      </>}
    />
  );
}

/** The newest orders; all of them for who asks. */
function Shares({ shares }: { shares: ShareOut[] }) {
  const w = moneyWords.value;
  const [all, showAll] = useState(false);
  const shown = all ? shares : shares.slice(0, NEWEST);
  return (
    <>
      <Rows items={shown} row={(each) => <Share key={each.order} each={each} />} testid="shares" />
      {shown.length < shares.length && (
        <p class="py-2 text-center"><button type="button" class="btn btn-quiet" onClick={() => showAll(true)} data-testid="more-shares">{w.moreOrders(shares.length - shown.length)}</button></p>
      )}
    </>
  );
}

/** What the page holds, a tap away: on a phone it is long. */
function Contents() {
  const w = moneyWords.value;
  const parts = [['next', w.next], ['orders', w.orders], ['statements', w.statements], ['receipts', w.receipts], ['terms', w.terms]] as const;
  return (
    <nav aria-label={w.onPage} class="no-bar -mx-4 flex gap-1.5 overflow-x-auto px-4 lg:hidden" data-testid="contents">
      {parts.map(([id, name]) => <a key={id} href={`#${id}`} class="flex min-h-11 items-center rounded-full bg-base-100 px-4 text-sm font-semibold whitespace-nowrap text-quiet">{name}</a>)}
    </nav>
  );
}

function Receipts({ receipts }: { receipts: ReceiptsOut }) {
  const w = moneyWords.value;
  const most = receipts.alerts[receipts.alerts.length - 1]?.threshold.minor ?? 1;
  const part = Math.min(100, (receipts.total.minor / most) * 100);
  const passed = receipts.alerts.some((each) => each.passed_at);
  return (
    <Section id="receipts" title={`${w.receipts} ${receipts.year}`} hint={w.receiptsHint}>
      <div class="px-3 pb-3" data-testid="receipts">
        <p class="font-serif text-xl font-semibold">{money(receipts.total)}</p>
        {receipts.waiting > 0 && <p class="text-xs text-error" data-testid="receipts-waiting">{w.receiptsWait(receipts.waiting)}</p>}
        <div class="mt-2 h-2.5 overflow-hidden rounded-full bg-base-300"><div class={`h-full ${passed ? 'bg-error' : 'bg-secondary'}`} style={{ width: `${part}%` }} /></div>
        <ul class="mt-2 flex flex-wrap justify-between gap-2 text-xs text-quiet">
          {receipts.alerts.map((each) => <li key={each.threshold.minor}>{money(each.threshold)}{each.passed_at ? ` · ${w.passed(day(each.passed_at))}` : ''}</li>)}
        </ul>
      </div>
    </Section>
  );
}

function Sections({ all }: { all: Told }) {
  const w = moneyWords.value;
  const merchant = idOf('merchant');
  return (
    <div class="flex flex-col gap-5">
      <Contents />
      <Balances balances={all.balances} />
      <div class="grid items-start gap-5 lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]">
        <div class="flex min-w-0 flex-col gap-5">
          <Next all={all} merchant={merchant} />
          <Section id="orders" title={w.orders}><Shares shares={all.shares} /></Section>
        </div>
        <div class="flex min-w-0 flex-col gap-5">
          <Section id="statements" title={w.statements} hint={w.statementHint}><Statements merchant={merchant} /></Section>
          <Receipts receipts={all.receipts} />
          <Section id="terms" title={w.terms}><div class="px-3 pb-3"><Agreed plans={all.plans} /></div></Section>
          {all.payouts.length > 0 && <Section id="payouts" title={w.payouts}>
            <Rows items={all.payouts.slice(0, 8)} row={(each) => <Row key={each.id} amount={each.amount} title={day(each.made_at)} sub={each.failure ? failureName(each.failure) : day(each.arrives_at)} tag={<Tag tone={each.state === 'paid' ? 'good' : each.state === 'failed' ? 'bad' : 'wait'}>{w.payoutStates[each.state]}</Tag>} />} />
          </Section>}
          {all.transfers.length > 0 && <Section id="transfers" title={w.transfers}>
            <Rows items={all.transfers.slice(0, 8)} row={(each) => <Row key={each.id} amount={each.amount} title={dayAndTime(each.wanted_at)} sub={each.failure ? failureName(each.failure) : undefined} tag={<Tag tone={each.state === 'sent' ? 'good' : each.state === 'refused' ? 'bad' : 'wait'}>{w.transferStates[each.state]}</Tag>} />} />
          </Section>}
        </div>
      </div>
    </div>
  );
}

function MoneyPage() {
  const w = moneyWords.value;
  const asked = useAsked(read, []);
  return (
    <Frame title={w.money}>
      <h1 class="font-serif text-3xl font-semibold">{w.money}</h1>
      <p class="mt-1 mb-5 text-sm text-quiet">{asked.data ? `${told(asked.data.merchant.name)} · ` : ''}{w.moneyLead}</p>
      <Waiting asked={asked}>{(all) => <Sections all={all} />}</Waiting>
    </Frame>
  );
}

show(MoneyPage);
