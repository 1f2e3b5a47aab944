// Words of cards that are kept, and of paying with one in one tap.
import { words } from './lang';

const zh = {
  cards: '已保存的银行卡',
  cardsHint: '卡号只保存在支付机构，我们只知道卡的品牌和末四位。付款时可一键使用，随时可以移除。',
  noCards: '还没有保存的银行卡。下次付款时勾选“保存这张卡”，之后即可一键付款。',
  brands: { visa: 'Visa', mastercard: 'Mastercard', amex: 'American Express', unionpay: '银联', jcb: 'JCB', discover: 'Discover', diners: 'Diners Club' } as Record<string, string>,
  card: '银行卡',
  ending: (brand: string, last4: string) => `${brand} 尾号 ${last4}`,
  expires: (month: string, year: number) => `有效期至 ${year}-${month}`,
  expired: '已过期',
  removeCard: (what: string) => `移除 ${what}`,
  removed: '已移除',
  tap: (amount: string, what: string) => `用 ${what} 支付 ${amount}`,
  or: '或使用其他方式',
  keep: '保存这张卡，下次一键付款',
  keepHint: '只保存银行卡；支付宝和微信支付不会保存。',
  asks: '您的银行需要确认这笔付款，请在下方完成。',
};

const en: typeof zh = {
  cards: 'Kept cards',
  cardsHint: 'The payment provider keeps the number; we know the brand and the last four digits. Pay with one in one tap, and remove it whenever you like.',
  noCards: 'No card is kept yet. Tick “Keep this card” when you next pay, and from then on one tap is enough.',
  brands: { visa: 'Visa', mastercard: 'Mastercard', amex: 'American Express', unionpay: 'UnionPay', jcb: 'JCB', discover: 'Discover', diners: 'Diners Club' },
  card: 'Card',
  ending: (brand, last4) => `${brand} ending ${last4}`,
  expires: (month, year) => `Good until ${month}/${year}`,
  expired: 'Expired',
  removeCard: (what) => `Remove ${what}`,
  removed: 'Removed',
  tap: (amount, what) => `Pay ${amount} with ${what}`,
  or: 'or pay another way',
  keep: 'Keep this card, to pay in one tap next time',
  keepHint: 'Cards only; Alipay and WeChat Pay are not kept.',
  asks: 'Your bank asks you to confirm this payment. Please do so below.',
};

export const payingWords = words(zh, en);
