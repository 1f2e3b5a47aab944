// Words of the sales figures in the console.
import { words } from './lang';

const zh = {
  title: '实时销售',
  revenue: '已付款商品额',
  orders: '已付款订单',
  pieces: '已付款件数',
  held: '保留中（未付款）',
  placed: (n: number) => `已下单 ${n}`,
  claimed: (n: number) => `累计保留 ${n} 件`,
  last: (minutes: number, what: string) => `近 ${minutes} 分钟 ${what}`,
  compared: (minutes: number, what: string) => `前 ${minutes} 分钟为 ${what}`,
  none: '—',
};

const en: typeof zh = {
  title: 'Sales now',
  revenue: 'Goods paid for',
  orders: 'Orders paid',
  pieces: 'Pieces paid',
  held: 'Set aside, unpaid',
  placed: (n) => `${n} placed`,
  claimed: (n) => `${n} set aside in all`,
  last: (minutes, what) => `last ${minutes} min ${what}`,
  compared: (minutes, what) => `${what} in the ${minutes} min before`,
  none: '–',
};

export const salesWords = words(zh, en);
