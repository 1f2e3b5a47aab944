// What the payment provider and the books call things: reasons, kinds of movements, failures. What is
// not known here is shown as it came.
import { words } from './lang';

const zh = {
  /** Why a buyer's bank contests a payment. */
  reasons: {
    bank_cannot_process: '银行无法处理', check_returned: '支票退回', credit_not_processed: '未收到退款', customer_initiated: '持卡人发起',
    debit_not_authorized: '扣款未授权', duplicate: '重复扣款', fraudulent: '非本人交易', general: '一般争议',
    incorrect_account_details: '账户信息有误', insufficient_funds: '余额不足', noncompliant: '违反卡组织规则', product_not_received: '未收到商品',
    product_unacceptable: '商品不符', subscription_canceled: '订阅已取消', unrecognized: '不认得这笔交易',
  } as Record<string, string>,
  /** Lines of the provider's balance, and postings of ours. */
  kinds: {
    adjustment: '调整', application_fee: '平台服务费', application_fee_refund: '服务费退回', balance: '余额差额', charge: '收款', connect_collection_transfer: '追缴转账',
    contribution: '捐款', payment: '收款', payment_failure_refund: '收款失败退回', payment_refund: '退款', payment_reversal: '收款撤回', payout: '提现',
    payout_cancel: '提现取消', payout_failure: '提现失败退回', refund: '退款', refund_failure: '退款失败', reserve_transaction: '准备金', stripe_fee: '支付机构费用',
    stripe_fx_fee: '换汇费用', tax_fee: '税费', topup: '充值', topup_reversal: '充值撤回', transfer: '转账', transfer_cancel: '转账取消',
    transfer_failure: '转账失败', transfer_refund: '转账撤回',
    sale: '销售', 'late-payment': '逾期付款', 'late-payment-refund': '逾期付款退回', 'unmatched-refund': '无对应订单的退款', 'refund-outside': '银行转账退款', fee: '支付手续费', available: '款项到账',
    exchange: '支付机构换汇', 'fx-revaluation': '汇兑重估', release: '解冻', 'reserve-release': '保证金解冻', recovery: '抵扣欠款', 'transfer-wanted': '转账',
    'transfer-refused': '转账被拒', 'transfer-reversed': '转账撤回', dispute: '争议扣款', 'dispute-hold': '争议冻结', 'dispute-lost': '争议败诉', conversion: '换汇', correction: '更正',
  } as Record<string, string>,
  reversed: (of: string) => `冲销：${of}`,
  /** Why a payment, a refund, a transfer or a payout did not go through. */
  failures: {
    account_closed: '账户已关闭', account_frozen: '账户被冻结', account_invalid: '账户无效', authentication_required: '需要验证身份', balance_insufficient: '余额不足', bank_account_restricted: '银行账户受限',
    bank_account_unverified: '银行账户未验证', bank_ownership_changed: '银行已变更', card_declined: '银行卡被拒', charge_for_pending_refund_disputed: '款项有争议', could_not_process: '银行无法处理',
    debit_not_authorized: '扣款未授权', declined: '被拒', do_not_honor: '发卡行拒绝', expired_card: '卡已过期', expired_or_canceled_card: '卡已过期或注销', fraudulent: '疑似欺诈', generic_decline: '发卡行拒绝',
    incorrect_account_holder_name: '户名不符', incorrect_cvc: '安全码有误', insufficient_funds: '余额不足', invalid_account_number: '账号有误', invalid_currency: '币种不支持',
    lost_card: '挂失卡', lost_or_stolen_card: '挂失或被盗的卡', merchant_request: '商家要求取消', no_account: '没有该账户', payment_intent_authentication_failure: '身份验证失败', processing_error: '处理出错',
    stolen_card: '被盗卡', transfers_not_allowed: '该账户不能收款', unsupported_card: '不支持的卡', unknown: '原因不明', 'never sent': '未曾发出', not_paid: '登记有误，并未付款',
    insufficient_capabilities_for_transfer: '暂不允许向该账户转账', transfer_source_balance_parameters_mismatch: '该笔付款的余额不足', reversed_at_provider: '已在支付机构后台收回',
    'cannot-carry': '支付机构无法处理这一金额', amount_too_large: '金额超过支付机构的上限', amount_too_small: '金额低于支付机构的下限', rate_limit: '支付机构繁忙',
  } as Record<string, string>,
};

const en: typeof zh = {
  reasons: {
    bank_cannot_process: 'the bank cannot process it', check_returned: 'cheque returned', credit_not_processed: 'a refund did not come', customer_initiated: 'started by the cardholder',
    debit_not_authorized: 'debit not authorised', duplicate: 'charged twice', fraudulent: 'not made by the cardholder', general: 'in general',
    incorrect_account_details: 'account details are wrong', insufficient_funds: 'not enough money', noncompliant: 'against the card network’s rules', product_not_received: 'goods did not arrive',
    product_unacceptable: 'goods are not as described', subscription_canceled: 'subscription was cancelled', unrecognized: 'the cardholder does not recognise it',
  },
  kinds: {
    adjustment: 'adjustment', application_fee: 'application fee', application_fee_refund: 'application fee given back', balance: 'sum', charge: 'charge', connect_collection_transfer: 'collected from an account',
    contribution: 'contribution', payment: 'payment', payment_failure_refund: 'failed payment given back', payment_refund: 'refund', payment_reversal: 'payment taken back', payout: 'payout',
    payout_cancel: 'payout cancelled', payout_failure: 'payout sent back', refund: 'refund', refund_failure: 'refund failed', reserve_transaction: 'reserve', stripe_fee: 'provider’s fee',
    stripe_fx_fee: 'exchange fee', tax_fee: 'tax', topup: 'top-up', topup_reversal: 'top-up taken back', transfer: 'transfer', transfer_cancel: 'transfer cancelled',
    transfer_failure: 'transfer failed', transfer_refund: 'transfer taken back',
    sale: 'sale', 'late-payment': 'paid too late', 'late-payment-refund': 'late payment returned', 'unmatched-refund': 'refund of no order', 'refund-outside': 'refund by bank transfer', fee: 'payment fee', available: 'funds available',
    exchange: 'exchanged by the provider', 'fx-revaluation': 'exchange revalued', release: 'released', 'reserve-release': 'reserve released', recovery: 'set off', 'transfer-wanted': 'transfer wanted',
    'transfer-refused': 'transfer refused', 'transfer-reversed': 'transfer taken back', dispute: 'taken in a dispute', 'dispute-hold': 'held in a dispute', 'dispute-lost': 'dispute lost', conversion: 'exchanged', correction: 'correction',
  },
  reversed: (of) => `reversed: ${of}`,
  failures: {
    account_closed: 'the account is closed', account_frozen: 'the account is frozen', account_invalid: 'the account is not valid', authentication_required: 'authentication needed', balance_insufficient: 'balance too small', bank_account_restricted: 'the bank account is restricted',
    bank_account_unverified: 'the bank account is not verified', bank_ownership_changed: 'the bank has changed', card_declined: 'card declined', charge_for_pending_refund_disputed: 'the charge is disputed', could_not_process: 'the bank could not process it',
    debit_not_authorized: 'debit not authorised', declined: 'declined', do_not_honor: 'declined by the bank', expired_card: 'card expired', expired_or_canceled_card: 'card expired or cancelled', fraudulent: 'taken for fraud', generic_decline: 'declined by the bank',
    incorrect_account_holder_name: 'the account holder’s name is wrong', incorrect_cvc: 'wrong security code', insufficient_funds: 'not enough money', invalid_account_number: 'wrong account number', invalid_currency: 'currency not supported',
    lost_card: 'lost card', lost_or_stolen_card: 'lost or stolen card', merchant_request: 'the merchant asked for it', no_account: 'no such account', payment_intent_authentication_failure: 'authentication failed', processing_error: 'error while processing',
    stolen_card: 'stolen card', transfers_not_allowed: 'the account cannot receive transfers', unsupported_card: 'card not supported', unknown: 'reason unknown', 'never sent': 'never sent', not_paid: 'recorded by mistake, never paid',
    insufficient_capabilities_for_transfer: 'transfers to this account are not allowed at present', transfer_source_balance_parameters_mismatch: 'that payment does not cover it any more', reversed_at_provider: 'taken back at the provider’s own desk',
    'cannot-carry': 'the provider cannot carry this amount', amount_too_large: 'more than the provider takes at once', amount_too_small: 'less than the provider takes', rate_limit: 'the provider is busy',
  },
};

const provider = words(zh, en);
const MIRRORED = '.reversed';

export const reasonName = (code: string): string => provider.value.reasons[code] ?? code;
export const failureName = (code: string): string => provider.value.failures[code] ?? code;

/** A kind of movement; a mirror image says what it undoes. */
export function kindName(kind: string): string {
  if (!kind.endsWith(MIRRORED)) return provider.value.kinds[kind] ?? kind;
  return provider.value.reversed(kindName(kind.slice(0, -MIRRORED.length)));
}
