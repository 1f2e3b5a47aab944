// Words of the landed cost.
import { words } from './lang';
import type { ChargeKind } from '../api/wire';

const zh = {
  kinds: { goods: '商品', shipping: '运费', duty: '关税', tax: '进口税', fee: '费用' } as Record<ChargeKind, string>,
  terms: { DDP: '含税到门（DDP）', DAP: '不含税（DAP）' },
  total: '合计应付',
  notIncluded: '不含，到货时缴纳',
  base: '计税基础',
  rate: '税率',
  source: '依据',
  rule: '规则',
  from: (day: string) => `自 ${day} 起施行`,
  confidence: '可信度',
  converted: (day: string) => `按 ${day} 汇率折算`,
  rateSource: '汇率来源',
  ratesBy: { 'European Central Bank, euro foreign exchange reference rates': '欧洲中央银行欧元参考汇率' } as Record<string, string>,
  valid: '报价有效期剩余',
  why: '怎么算的',
};

const en: typeof zh = {
  kinds: { goods: 'Goods', shipping: 'Shipping', duty: 'Duty', tax: 'Import tax', fee: 'Fees' },
  terms: { DDP: 'Duty and tax included (DDP)', DAP: 'Duty and tax not included (DAP)' },
  total: 'You pay',
  notIncluded: 'not included, due on arrival',
  base: 'On',
  rate: 'Rate',
  source: 'Source',
  rule: 'Rule',
  from: (day) => `in force since ${day}`,
  confidence: 'Confidence',
  converted: (day) => `Converted at the rate of ${day}`,
  rateSource: 'Rates from',
  ratesBy: {},
  valid: 'This quote holds for',
  why: 'How it is worked out',
};

export const quoteWords = words(zh, en);

/** Who told a rate; a source that is not known here is shown as it came. */
export const rateSource = (source: string): string => quoteWords.value.ratesBy[source] ?? source;
