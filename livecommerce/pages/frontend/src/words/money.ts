// Words of the merchant's money page and the finance desk.
import { words } from './lang';
import type { ChargeMode, Charging, DisputeState, Match, PayeeState, PaymentState, PayoutState, RefundState, TransferState } from '../api/money';

const zh = {
  money: '资金', moneyLead: '每一分钱在哪里，什么时候到账，为什么。',
  pending: '待结算', available: '可用', reserve: '保证金', transit: '转账中', owes: '应还中心',
  pendingHint: '货物发出并过了冻结期后转为可用', reserveHint: '到期后自动解冻', transitHint: '正在转往您的收款账户',
  next: '下一笔到账', noMoney: '还没有销售，第一笔付款后这里会显示余额。',
  payee: {
    opening: '正在为您开设收款账户。', onboarding: '支付机构还需要您补充资料，之后即可转账。',
    ready: '收款账户已开通，可用余额会自动转出。', restricted: '支付机构有新的问题，回答后恢复转账。',
  } as Record<PayeeState, string>,
  noPayee: '还没有收款账户，可用余额暂时留在中心。', onboard: '填写收款资料', ownerOnly: '请商家负责人填写收款资料。',
  due: '待补充', nextRelease: (amount: string, at: string) => `${amount} 将于 ${at} 解冻`,
  nothingDue: '目前没有等待解冻的款项。', waitsForGoods: (count: number) => `${count} 笔订单等待发货，发货后开始计算冻结期`,
  onItsWay: (amount: string, at: string) => `${amount} 正在打往银行，预计 ${at} 到账`,
  failedPayout: (amount: string) => `${amount} 被银行退回，请检查银行账户`,
  orders: '按订单', due_at: (at: string) => `${at} 解冻`, released: (at: string) => `${at} 已解冻`,
  chargeMode: '收款方式',
  chargeModes: { separate: '先入平台账户，冻结期后转给商家', destination: '付款时直接进入商家账户（不冻结、不留保证金）' } as Record<ChargeMode, string>,
  charging: {
    direct: '付款时已直接进入商家账户', separate: '', several_merchants: '与其他商家的商品一起付款，按常规方式转账',
    account_not_ready: '收款账户当时未就绪，按常规方式转账', settled_in_another_currency: '结算币种不同，兑换后按常规方式转账', nothing_to_send: '没有可转金额', destination_refused: '支付机构未接受直接入账，按常规方式转账',
  } as Record<Charging, string>,
  notLeft: '等待发货', gone: '已全部退回', disputed: '争议中', ofShare: (amount: string) => `应得 ${amount}`,
  transfers: '转账', payouts: '提现', statements: '对账单', month: '月份', csv: 'CSV', pdf: 'PDF',
  statementHint: '按北京时间的自然月，含期初、每笔变动与期末余额。',
  terms: '约定', commission: '佣金', holdDays: (days: number) => `发货后冻结 ${days} 天`,
  reserveOf: (rate: string, days: number) => `保留 ${rate}，${days} 天后解冻`, subsidised: (rate: string) => `其中 ${rate} 由中心补贴`,
  subsidyRate: '中心补贴（佣金的 %）', holdLabel: '冻结天数', reserveRate: '保证金 %', reserveLabel: '保证金天数', settlesInLabel: '结算币种', asSold: '同售价', settledIn: (currency: string) => `以 ${currency} 结算`,
  exchanged: (sold: string, rate: string, on: string) => `${sold} 按 ${on} 汇率 ${rate} 换汇`, fromNow: '自现在起下的订单按新约定执行，已有订单不变。',
  standard: '按中心标准执行', minimum: '每单最低', cap: '每单最高', since: (on: string) => `自 ${on} 起执行`, from: (on: string) => `${on} 起：`, until: (on: string) => `执行至 ${on} 已约定的新条款生效为止。`,
  limits: '每单佣金的最低与最高', limitsHint: '按币种填写，留空即不限。', limitFields: { currency: '币种', minimum: '最低', cap: '最高' },
  receipts: '本年度收汇', receiptsHint: '年收汇超过 20 万美元的小微跨境电商需先办理贸易外汇收支企业名录登记。',
  passed: (at: string) => `已于 ${at} 超过`, transferStates: { wanted: '待转', asked: '已请求', sent: '已转出', refused: '被拒' } as Record<TransferState, string>,
  unsent: '未能转出', unsentFor: (amount: string) => `${amount} 未能转出`, againAt: (at: string) => `${at} 再次尝试`, notBack: '未能收回', untilSaid: '待中心财务确认后再转', askAgain: '立即重试', askedAgain: '一分钟内重试', refusals: (count: number) => `已被拒 ${count} 次`,
  whyUnsent: {
    insufficient_capabilities_for_transfer: '支付机构暂不允许向该收款账户转账', balance_insufficient: '中心在支付机构的可用余额不足',
    transfer_source_balance_parameters_mismatch: '该笔付款的余额不足以转出', reversed_at_provider: '已在支付机构后台收回',
  } as Record<string, string>, whyUnknown: (code: string) => `支付机构拒绝（${code}）`,
  payoutStates: { pending: '处理中', in_transit: '途中', paid: '已到账', failed: '被退回', canceled: '已取消' } as Record<PayoutState, string>,
  ratesOf: (on: string) => `汇率日期 ${on}`, ratesPinned: '已固定，不随行情变动', ratesFetched: (at: string) => `${at} 获取`, ratesShipped: '随软件附带',
  ratesTooOld: (days: number) => `汇率已超过 ${days} 天，暂停报价与换汇`, refreshRates: '立即更新汇率', ratesRefreshed: (on: string) => `已更新为 ${on} 的汇率`, noRates: '没有汇率',
  finance: '财务', financeLead: '收款、退款、争议、提现、对账与账簿。',
  tabs: { payments: '收款', refunds: '退款', disputes: '争议', payouts: '提现', reconciliation: '对账', adjustments: '更正', ledger: '账簿', statements: '对账单' },
  paymentStates: { wanted: '待开单', asked: '开单中', open: '可支付', processing: '处理中', captured: '已收款', cancelled: '已取消', refused: '被拒' } as Record<PaymentState, string>,
  refundStates: { wanted: '待退', asked: '已请求', pending: '处理中', settled: '已退', failed: '失败' } as Record<RefundState, string>,
  disputeStates: { inquiry: '问询', needs_answer: '待答复', under_review: '审理中', won: '胜诉', lost: '败诉' } as Record<DisputeState, string>,
  stillOwed: '退款失败，仍欠买家', stillOwedHint: '打开订单，重新退款或登记另行付款。',
  refundedOf: (amount: string) => `已退 ${amount}`, answerBy: (at: string) => `${at} 前答复`, fee: (amount: string) => `手续费 ${amount}`,
  answer: '答复', evidence: '已整理的证据', gathering: '证据正在整理，马上就好。', note: '补充说明', submitEvidence: '提交给银行', keepEvidence: '只保存', answerHint: '提交后不能再改。证据由订单、物流、直播间发言与回放自动整理。',
  sentEvidence: '已交给支付机构整理', ours: '我方', theirs: '支付机构', explained: '差异已列明', unexplained: '差异未列明', proofHolds: '账实相符', lastRun: (at: string) => `上次核对：${at}`,
  neverRun: '还没有核对过。', runNow: '立即核对', matched: (count: number) => `${count} 项相符`, young: (count: number) => `${count} 项在途`,
  nothingOpen: '没有未解释的差异。', days: (count: number) => `${count} 天`, resolve: '处理', resolveBy: '对应科目', reason: '原因', inWords: '仅说明，不入账', byPosting: '提议入账', waitsForSecond: '等待第二人批准',
  matches: { matched: '相符', young: '在途', missing_here: '我方缺失', missing_there: '对方缺失', differing: '金额不符' } as Record<Match, string>,
  adjustmentStates: { proposed: '待批准', approved: '已批准', refused: '已拒绝' }, approve: '批准', refuse: '拒绝', ownProposal: '须由另一人批准', reversal: (what: string) => `冲销 ${what}`, noAdjustments: '没有更正。',
  account: '科目', balance: '余额', explain: '展开', moreMovements: '更早的变动', allAccounts: '试算平衡表', journal: '下载 beancount 账簿', owner: '商家', balanced: '各币种合计为零',
  nothing: '暂无', centreOwn: '中心',
  accounts: {
    stripe_pending: '支付机构·待结算', stripe_available: '支付机构·可用', bank: '银行',
    merchant_receivable: '应收商家', dispute_held: '争议冻结', customer_payable: '应退买家',
    merchant_pending: '商家·待结算', merchant_available: '商家·可用', merchant_reserve: '商家·保证金',
    merchant_transit: '商家·转账中', freight_payable: '代收运费', duty_payable: '代收关税',
    tax_payable: '代收税费', gift_card_liability: '礼品卡', platform_fee: '佣金收入',
    fx_gain: '汇兑收益', fx_loss: '汇兑损失', stripe_fee: '支付手续费', dispute_fee: '争议手续费',
    refund_cost: '退款成本', promo_funding: '促销补贴', commission_subsidy: '佣金补贴',
    fx_clearing: '换汇过渡', rounding: '尾差', suspense: '待查',
  } as Record<string, string>,
  evidenceFields: {
    product_description: '商品', uncategorized_text: '经过', customer_email_address: '买家邮箱',
    customer_name: '收货人', shipping_address: '收货地址', shipping_carrier: '承运人',
    shipping_tracking_number: '运单号', shipping_date: '发货日期',
  } as Record<string, string>,
};

const en: typeof zh = {
  money: 'Money', moneyLead: 'Where every cent is, when it reaches you, and why.',
  pending: 'Pending', available: 'Available', reserve: 'In reserve', transit: 'On its way', owes: 'Owed to the centre',
  pendingHint: 'Becomes available once the goods have left and the hold has passed', reserveHint: 'Released by itself when its time is over', transitHint: 'On its way to your account',
  next: 'What comes next', noMoney: 'Nothing sold yet. Balances appear with the first payment.',
  payee: {
    opening: 'Your account for payouts is being opened.', onboarding: 'The payment provider has questions to you; after that your money is sent.',
    ready: 'Your account is ready; what is available is sent by itself.', restricted: 'The payment provider has new questions; answer them and transfers go on.',
  },
  noPayee: 'There is no account for payouts yet; what is available stays with the centre.', onboard: 'Enter payout details', ownerOnly: 'The merchant’s owner has to enter the payout details.',
  due: 'Still due', nextRelease: (amount, at) => `${amount} becomes available on ${at}`,
  nothingDue: 'Nothing is waiting to be released.', waitsForGoods: (count) => `${count} orders wait to be shipped; their hold begins then`,
  onItsWay: (amount, at) => `${amount} is on its way to your bank, expected ${at}`,
  failedPayout: (amount) => `${amount} was sent back by the bank; check the bank account`,
  orders: 'By order', due_at: (at) => `available ${at}`, released: (at) => `released ${at}`,
  chargeMode: 'How sales are charged',
  chargeModes: { separate: 'Ours first, sent on after the hold', destination: 'Straight to the merchant’s account with the payment (no hold, no reserve)' },
  charging: {
    direct: 'went to the merchant’s account with the payment', separate: '', several_merchants: 'paid together with other merchants’ goods, so sent on the usual way',
    account_not_ready: 'the account was not ready, so sent on the usual way', settled_in_another_currency: 'settled in another currency, so exchanged and sent on the usual way', nothing_to_send: 'nothing was to be sent', destination_refused: 'the payment provider would not send it straight, so sent on the usual way',
  },
  notLeft: 'waits to be shipped', gone: 'all refunded', disputed: 'disputed', ofShare: (amount) => `of ${amount}`,
  transfers: 'Transfers', payouts: 'Payouts', statements: 'Statements', month: 'Month', csv: 'CSV', pdf: 'PDF',
  statementHint: 'Calendar months in Beijing time, with opening balance, every movement and closing balance.',
  terms: 'Terms', commission: 'Commission', holdDays: (days) => `held ${days} days after the goods left`,
  reserveOf: (rate, days) => `${rate} kept in reserve for ${days} days`, subsidised: (rate) => `${rate} of it paid by the centre`,
  subsidyRate: 'Subsidy, % of commission', holdLabel: 'Hold, days', reserveRate: 'Reserve %', reserveLabel: 'Reserve, days', settlesInLabel: 'Settled in', asSold: 'as sold', settledIn: (currency) => `settled in ${currency}`,
  exchanged: (sold, rate, on) => `${sold} exchanged at ${rate} of ${on}`, fromNow: 'Orders placed from now on freeze these terms; earlier ones keep theirs.',
  standard: 'The centre’s standard terms', minimum: 'at least', cap: 'at most', since: (on) => `in force since ${on}`, from: (on) => `From ${on}:`, until: (on) => `They last until ${on}, when the terms already agreed begin.`,
  limits: 'Least and most commission of an order', limitsHint: 'By currency; empty means no limit.', limitFields: { currency: 'Currency', minimum: 'Least', cap: 'Most' },
  receipts: 'Received this year', receiptsHint: 'Small cross-border firms that receive more than USD 200,000 a year must first enter the foreign-exchange directory.',
  passed: (at) => `passed ${at}`, transferStates: { wanted: 'waiting', asked: 'asked', sent: 'sent', refused: 'refused' },
  unsent: 'Not sent', unsentFor: (amount) => `${amount} could not be sent`, againAt: (at) => `tried again ${at}`, notBack: 'Could not be taken back', untilSaid: 'waits for the centre’s finance staff', askAgain: 'Try again now', askedAgain: 'Tried again within a minute', refusals: (count) => `refused ${count} times`,
  whyUnsent: {
    insufficient_capabilities_for_transfer: 'the payment provider does not allow transfers to this account at present', balance_insufficient: 'the centre’s balance at the payment provider is not enough yet',
    transfer_source_balance_parameters_mismatch: 'that payment does not cover it any more', reversed_at_provider: 'it was taken back at the payment provider’s own desk',
  }, whyUnknown: (code) => `the payment provider refused (${code})`,
  payoutStates: { pending: 'pending', in_transit: 'in transit', paid: 'paid', failed: 'sent back', canceled: 'cancelled' },
  ratesOf: (on) => `Exchange rates of ${on}`, ratesPinned: 'pinned, they do not follow the market', ratesFetched: (at) => `fetched ${at}`, ratesShipped: 'shipped with the software',
  ratesTooOld: (days) => `Older than ${days} days: nothing is quoted or exchanged with them`, refreshRates: 'Fetch rates now', ratesRefreshed: (on) => `Rates of ${on} are in use`, noRates: 'No exchange rates',
  finance: 'Finance', financeLead: 'Payments, refunds, disputes, payouts, reconciliation and the books.',
  tabs: { payments: 'Payments', refunds: 'Refunds', disputes: 'Disputes', payouts: 'Payouts', reconciliation: 'Reconciliation', adjustments: 'Adjustments', ledger: 'Ledger', statements: 'Statements' },
  paymentStates: { wanted: 'wanted', asked: 'asked', open: 'can be paid', processing: 'processing', captured: 'captured', cancelled: 'cancelled', refused: 'refused' },
  refundStates: { wanted: 'wanted', asked: 'asked', pending: 'pending', settled: 'settled', failed: 'failed' },
  disputeStates: { inquiry: 'inquiry', needs_answer: 'needs an answer', under_review: 'under review', won: 'won', lost: 'lost' },
  stillOwed: 'Failed, and still owed to buyers', stillOwedHint: 'Open the order to send it again, or to record that it was paid another way.',
  refundedOf: (amount) => `${amount} refunded`, answerBy: (at) => `answer by ${at}`, fee: (amount) => `fee ${amount}`,
  answer: 'Answer', evidence: 'Evidence put together', gathering: 'The evidence is being put together; it takes a moment.', note: 'Anything to add', submitEvidence: 'Submit to the bank', keepEvidence: 'Save only', answerHint: 'Once submitted it cannot be changed. Order, shipment, what was said in the room and the replay are put together by themselves.',
  sentEvidence: 'Handed to the payment provider', ours: 'Our books', theirs: 'Provider', explained: 'explained below', unexplained: 'not explained', proofHolds: 'Books equal balance', lastRun: (at) => `Last compared ${at}`,
  neverRun: 'Never compared yet.', runNow: 'Compare now', matched: (count) => `${count} matched`, young: (count) => `${count} on their way`,
  nothingOpen: 'No difference is open.', days: (count) => `${count} days`, resolve: 'Resolve', resolveBy: 'Against account', reason: 'Reason', inWords: 'Explain, post nothing', byPosting: 'Propose a posting', waitsForSecond: 'waits for a second person',
  matches: { matched: 'matched', young: 'on its way', missing_here: 'missing here', missing_there: 'missing there', differing: 'differs' },
  adjustmentStates: { proposed: 'proposed', approved: 'approved', refused: 'refused' }, approve: 'Approve', refuse: 'Refuse', ownProposal: 'Somebody else has to approve it', reversal: (what) => `Reverse ${what}`, noAdjustments: 'No adjustments.',
  account: 'Account', balance: 'Balance', explain: 'Explain', moreMovements: 'Earlier movements', allAccounts: 'Trial balance', journal: 'Download the beancount journal', owner: 'Merchant', balanced: 'Every currency sums to zero',
  nothing: 'Nothing yet', centreOwn: 'the centre',
  accounts: {
    stripe_pending: 'Provider, pending', stripe_available: 'Provider, available', bank: 'Bank',
    merchant_receivable: 'Owed by merchants', dispute_held: 'Held in disputes', customer_payable: 'Owed to buyers',
    merchant_pending: 'Merchants, pending', merchant_available: 'Merchants, available', merchant_reserve: 'Merchants, in reserve',
    merchant_transit: 'Merchants, on its way', freight_payable: 'Freight collected', duty_payable: 'Duty collected',
    tax_payable: 'Tax collected', gift_card_liability: 'Gift cards', platform_fee: 'Commission',
    fx_gain: 'Exchange gains', fx_loss: 'Exchange losses', stripe_fee: 'Payment fees', dispute_fee: 'Dispute fees',
    refund_cost: 'Cost of refunds', promo_funding: 'Promotions funded', commission_subsidy: 'Commission subsidised',
    fx_clearing: 'Exchange clearing', rounding: 'Rounding', suspense: 'To be looked into',
  },
  evidenceFields: {
    product_description: 'Goods', uncategorized_text: 'What happened', customer_email_address: 'Buyer’s e-mail',
    customer_name: 'Recipient', shipping_address: 'Shipped to', shipping_carrier: 'Carrier',
    shipping_tracking_number: 'Tracking number', shipping_date: 'Shipped on',
  },
};

export const moneyWords = words(zh, en);

/** Why something was not sent. */
export function whyUnsent(code: string): string {
  return moneyWords.value.whyUnsent[code] ?? moneyWords.value.whyUnknown(code);
}

/** What an account is called; one kept per place says which. */
export function accountName(code: string): string {
  const [name = code, place] = code.split(':');
  const called = moneyWords.value.accounts[name] ?? name;
  return place ? `${called} · ${place}` : called;
}
