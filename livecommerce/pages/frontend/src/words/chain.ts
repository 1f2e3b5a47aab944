// Words of the chain.
import { words } from './lang';
import type { NodeKind } from '../api/wire';

const zh = {
  title: '全链路',
  lead: '从预约到报关，一场直播的每一环。点开任一节点看详情。',
  kinds: {
    booking: '预约', session: '场次', explain: '讲解', order: '订单', payment: '支付', declaration: '申报', replay: '回放',
  } as Record<NodeKind, string>,
  states: {
    held: '暂留', confirmed: '已确认', checked_in: '已签到', done: '已完成', scheduled: '待开播', ready: '已就绪', live: '直播中',
    paused: '暂停', interrupted: '中断', ended: '已结束', archived: '已归档', cancelled: '已取消', explaining: '讲解中', explained: '已讲解',
    placed: '待支付', paid: '已支付', partly_shipped: '部分发货', shipped: '已发货', delivered: '已签收', refunded: '已退款', wanted: '待创建', open: '待支付',
    opened: '待支付', processing: '处理中', captured: '已到账', failed: '失败', draft: '草稿', matched: '三单一致', filed: '已申报',
    accepted: '已接收', released: '已放行', rejected: '退单', asked: '待支付', refused: '未能创建', sent: '已发送', in_review: '审核中',
    inspection: '查验中', suspended: '挂起', closed: '已结关', building: '生成中', no_show: '未到场', expired: '已过期',
  } as Record<string, string>,
  empty: '这一环还没有发生。',
  open: '打开页面',
  at: '时间',
  facts: '要点',
  messages: '海关单证',
  legendPath: '选中节点会点亮它的来龙去脉',
  refresh: '刷新',
  ordered: '下单金额',
  paid: '支付金额',
  net: '退款后净额',
  withoutCancelled: '金额不含已取消的订单。',
};

const en: typeof zh = {
  title: 'The chain',
  lead: 'Every link of one session, from booking to customs. Open any of them.',
  kinds: {
    booking: 'Booking', session: 'Session', explain: 'Explains', order: 'Orders', payment: 'Payments', declaration: 'Declarations', replay: 'Replay',
  },
  states: {
    held: 'Pencilled', confirmed: 'Confirmed', checked_in: 'Checked in', done: 'Done', scheduled: 'Scheduled', ready: 'Ready', live: 'Live',
    paused: 'Paused', interrupted: 'Interrupted', ended: 'Ended', archived: 'Archived', cancelled: 'Cancelled', explaining: 'Explaining', explained: 'Explained',
    placed: 'Unpaid', paid: 'Paid', partly_shipped: 'Partly shipped', shipped: 'Shipped', delivered: 'Delivered', refunded: 'Refunded', wanted: 'To be opened', open: 'Open',
    opened: 'Open', processing: 'Processing', captured: 'Captured', failed: 'Failed', draft: 'Draft', matched: 'Matched', filed: 'Filed',
    accepted: 'Accepted', released: 'Released', rejected: 'Rejected', asked: 'Being opened', refused: 'Refused', sent: 'Sent', in_review: 'In review',
    inspection: 'Inspection', suspended: 'Suspended', closed: 'Closed', building: 'Being made', no_show: 'No show', expired: 'Expired',
  },
  empty: 'Nothing of this kind yet.',
  open: 'Open its page',
  at: 'At',
  facts: 'Facts',
  messages: 'Customs messages',
  legendPath: 'A chosen link lights up where it came from and what came of it',
  refresh: 'Refresh',
  ordered: 'Ordered',
  paid: 'Paid',
  net: 'Net of refunds',
  withoutCancelled: 'Cancelled orders count in none of the amounts.',
};

export const chainWords = words(zh, en);
