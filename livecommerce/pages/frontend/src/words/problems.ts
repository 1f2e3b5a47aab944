// What a problem means to the person before the screen; the server's own sentence is English.
import { Problem, OFFLINE } from '../api/http';
import type { Difference } from '../api/wire';
import { lang, told, words } from './lang';
import { shared } from './shared';

/** The rules that hold one paper's figure against another's; the rest say all in words. */
const COMPARED = new Set(['M1', 'M2', 'M3', 'M4', 'M5']);

const zh: Record<string, string> = {
  'being-explained': '已有人提议入账，正在等待批准。',
  'difference-changed': '这笔差异已关闭或金额已变，请拒绝此提议后重新处理。',
  'nothing-to-even': '这里的金额无法计数，不能入账，请以文字说明。',
  'only-people': '账簿只能由登录的人员更改，API 密钥不行。',
  'second-pair-of-eyes': '须由另一人批准。',
  'already-decided': '已有人批准或拒绝。',
  'already-reversed': '这笔分录已经冲销过。',
  'not-by-hand': '商家款项中，只有可提现金额与应收欠款可以手工更正。',
  'beyond-counting': '金额过大，科目余额将无法计数。',
  'unbalanced': '借贷不相等。',
  'no-such-difference': '没有这笔待处理的差异。',
  'sold-out': '手慢了，库存不足。',
  'too-many': '超过每人限购数量。',
  'too-many-there': '同一收货地址的购买数量已达上限。',
  'special-gone': '秒杀价已结束或已抢完，可按当前价格购买。',
  'flash-running': '该商品已有进行中的秒杀。',
  'not-below-recent': '秒杀价须低于近期最低价。',
  'below-floor': '至少须保留原价的一成。',
  'limits-wrong': '每人限购不能超过总件数。',
  'no-such-offer': '没有这项优惠。',
  'not-for-the-team': '直播间的工作人员不能参加自己直播间的优惠活动。',
  'all-taken': '优惠券已领完。',
  'not-yet-takeable': '优惠券现在不能领取。',
  'watch-longer': '再看一会儿就可以领取了。',
  'coupon-used': '优惠券已使用或已过期。',
  'coupon-not-yours': '没有这张优惠券。',
  'worth-wrong': '减免金额和折扣请填一项。',
  'nothing-in-currency': '您没有以该币种定价的商品，这张券无法使用。',
  'closing-wrong': '结束时间不正确。',
  'stock-planned': '可发放的优惠券不足。',
  'cap-reached': '超过该主播可发放的张数。',
  'auction-running': '本直播间已有竞拍在进行。',
  'nothing-to-auction': '没有可竞拍的库存。',
  'no-way-back': '竞拍开始后不能取消。',
  'bid-too-low': '已有人出价更高，请提高出价。',
  'auction-over': '竞拍已结束。',
  'draw-running': '本直播间已有抽奖在进行。',
  'watch-too-long': '观看时长须比抽奖时长至少短两分钟。',
  'draw-over': '抽奖已结束。',
  'not-entitled': '还没有达到参加条件。',
  'no-such-prize': '没有这份奖品。',
  'prize-lapsed': '填写地址的时间已过。',
  'still-there': '还有库存，可以直接购买。',
  'bundle-wrong': '请选择一款商品和折扣，或多款商品和减免金额。',
  'steps-wrong': '加价阶梯不正确。',
  'queue-full': '抢购的人太多，请稍后再试。',
  'claims-down': '下单暂时不可用，请重试，不会重复扣库存。',
  'hold-gone': '保留时间已过，商品已放回库存。',
  'hold-in-checkout': '该商品已在您的另一笔未完成订单中，请继续支付或先取消那笔订单。',
  'price-not-positive': '价格必须大于零。',
  'price-not-payable': '支付机构无法收取这个价格：最多八位数字（含小数位），币种也须受支持。',
  'currencies-differ': '同一商品的各货号须用同一币种，其他币种请写在价格表里。',
  'card-in-other-currency': '该商品已改用其他币种定价，请先下架再重新上架。',
  'no-rate': '没有这一币种的汇率，不能报价。',
  'not-sold-in': '暂不支持用这一币种付款，请选择页面所列的币种。',
  'too-dear-at-once': '总额超过支付机构单笔上限，请分次购买。',
  'not-priced': '该商品暂无这一币种的价格。',
  'address-refused': '接收地址必须是公网 https 地址。',
  'unknown-event-types': '所选事件类型中有不存在的。',
  'too-many-endpoints': '接收地址已达上限，请先移除一个。',
  'endpoint-off': '该接收地址已停用，请先启用。',
  'no-rates-address': '未设置获取汇率的地址。',
  'unsafe-address': '汇率地址必须是 https。',
  'rates-not-fetched': '汇率地址没有正常应答，现用汇率不变。',
  'not-rates': '取回的不是央行汇率文件，现用汇率不变。',
  'short-rates': '取回的汇率缺少在售币种，现用汇率不变。',
  'older-rates': '取回的汇率不比现用的新。',
  'implausible-rates': '取回的汇率变动过大，请人工核对。',
  'currency-mixed': '不同币种的商品不能一起结算。',
  'not-on-air': '直播不在进行中。',
  'over-already': '本场直播已经结束。',
  'not-prepared': '开播前还有未完成的准备工作。',
  'on-shelf-already': '该商品已在货架上。',
  'shelf-full': '货架已满。',
  'bad-order': '货架已变化，请刷新后再排序。',
  'outside-slot': '该预约不能用于直播。',
  'live-exists': '该预约已经有一场直播。',
  'wrong-live-state': '当前状态不能执行这一操作。',
  'wrong-booking-state': '预约当前状态不能执行这一操作。',
  'slot-taken': '该时段的演播间、设备或人员已被占用。',
  'bad-period': '这个时间段不能预约。',
  'too-few-exist': '中心没有这么多数量。',
  'live-has-begun': '这场直播已经开播；请结束直播，剩余时段会自动释放。',
  'not-the-hour': '开播前一小时至结束前可以签到。',
  'wrong-password': '邮箱或密码不正确。',
  'too-many-attempts': '尝试次数过多，请稍后再登录。',
  'csrf-missing': '页面已过期，请刷新后重试。',
  'sign-in-first': '请先登录。',
  'key-ends-before-it-begins': '密钥的到期时间必须在将来。',
  'not-allowed': '您的角色不能执行这一操作。',
  'body-invalid': '有的内容填写不正确，请检查。',
  'destination-refused': '本中心不向该目的地发货。',
  'address-not-quoted': '收货地与报价不一致，请重新计算。',
  'placed-otherwise': '该报价已用另一收货地址或邮箱下单，请查看那笔订单，或重新计算。',
  'placed-and-cancelled': '该报价的订单已取消，请重新选购并计算。',
  'quote-expired': '报价已过期，请重新计算。',
  'not-cancellable': '订单已不能取消。',
  'not-shippable': '只有已支付且未退款的订单可以发货。',
  'no-such-carrier': '请选择列表中的承运商。',
  'parcel-not-declarable': '海关不会接受这个包裹的单证，请核对运单号和重量。',
  'tracking-malformed': '运单号不符合该承运商的格式，请核对。',
  'pieces-gone': '件数已变化：这些商品已发货、已取消或已申请退回，请刷新。',
  'nothing-to-cancel': '该订单没有待发货的商品可以取消。',
  'not-your-reason': '这个取消原因不适用。',
  'nothing-to-return': '商品尚未发货，可以直接取消。',
  'too-late-to-return': '已超过可申请退换的期限。',
  'wrong-return-state': '退货单状态已变化，请刷新。',
  'not-a-replacement': '只能换同一商品的其他规格。',
  'counts-differ': '每一件退回的商品都要登记为重新上架或报损。',
  'no-sheet': '没有读到可用的表格，请检查内容或文件格式。',
  'too-many-orders': '订单太多，请缩小筛选范围后再导出。',
  'not-invoiceable': '未支付的订单没有发票。',
  'no-font-for-chinese': '服务器缺少中文字体，暂时不能打印，请联系运维安装 fonts-noto-cjk。',
  'row-doubled': '订单号或运单号与前面的行重复。',
  'row-invalid': '这一行填写有误。',
  'no-such-order': '没有这个订单，或者不归您处理。',
  'not-refundable': '只能退还已支付的款项。',
  'refund-not-positive': '退款金额必须大于零。',
  'refund-currency-differs': '退款币种须与付款币种一致。',
  'refund-too-much': '退款金额超过可退余额。',
  'nothing-owed': '这笔订单没有待退的款项：没有退款失败，或者已重新退款。',
  'more-than-owed': '金额超过待退款项。',
  'refund-too-large': '支付机构的可退余额不足，这笔钱可能已经退回。',
  'money-disputed': '这笔款项已由买家的银行扣回，不能再退一次。',
  'not-while-disputed': '买家的银行对这笔付款提出争议，款项已被扣回，暂不发货。',
  'nothing-said': '请输入内容。',
  'text-too-long': '内容太长了。',
  'link-not-allowed': '只有主播团队可以发送链接。',
  'muted': '您已被禁言。',
  'network-muted': '您所在网络的游客暂时不能发言，登录后可以发言。',
  'banned': '您已被移出本直播间。',
  'chat-paused': '聊天已暂停。',
  'team-only': '现在只有主播团队可以发言。',
  'accounts-only': '登录后可以发言。',
  'word-refused': '消息里有本直播间不能发送的词。',
  'word-list-full': '词表已满。',
  'not-a-word': '请输入一个词。',
  'too-fast': '发言太快了，歇一歇。',
  'archive-full': '聊天暂时不可用。',
  'not-for-staff': '不能禁言主播团队。',
  'address-wrong': '收货地址与该国家的格式不符，请检查标出的各项。',
  'no-such-method': '没有这张已保存的卡。',
  'not-open': '这笔付款现在不能支付，请刷新后查看状态。',
  'declined': '银行拒绝了这张卡，请换一张卡或其他方式。',
  'refused': '支付机构没有接受这一操作，请换一种方式。',
  'outcome-unknown': '还没有收到支付结果，请再点一次，不会重复扣款。',
  'not-asked': '支付暂时繁忙，请稍后再试。',
  'too-many-addresses': '保存的地址已达上限，请先移除一个。',
  'cart-full': '购物车已满，请先结算或移除一些。',
  'being-bought': '部分商品正在结算，可能是在您的另一台设备上。',
  'bought-already': '部分商品已经为您保留，请继续结算。',
  'not-in-cart': '购物车已有变化，请再确认一次。',
  'not-all-to-be-had': '部分商品的库存或价格已变化，没有保留任何商品，请确认后再结算。',
  'writing-too-fast': '您刚才已发送多条消息，请稍后再发。',
  'thread-full': '这笔订单的消息已满。',
  'link-not-good': '链接无效或已过期，可以重新获取。',
  'sku-taken': '货号已被使用。',
  'stock-short': '库存不够，或已被买家预留。',
  'no-such-location': '没有这个地点。',
  'edited-meanwhile': '这件商品刚被别人修改过，请刷新后再改。',
  'dimension-in-use': '货号在这个规格上不同，请先移除多余的值。',
  'existing-value-missing': '请说明已有货号属于新规格的哪个值。',
  'too-many-variants': '一件商品最多 500 个货号。',
  'options-wrong': '这个货号的规格值已不再提供。',
  'no-such-picture': '图片还没有上传。',
  'not-a-picture': '这个文件不是可以识别的图片。',
  'picture-too-large': '图片太大了。',
  'not-a-sheet': '没有读到可用的表格：请检查文件格式（CSV 或 XLSX）和首行的列名。',
  'sheet-too-large': '表格太大了（行、列或字节过多），请分批提交。',
  'too-large': '文件太大了。',
  'no-file': '请选择一个文件。',
  'import-has-errors': '表格里有错误，什么都没有改。',
  'plan-changed': '商品在预览之后有了变化，请重新预览。',
  'applied-already': '这张表格已经执行过。',
  'down': '系统正在恢复，请稍后再试。',
};

/** Calls over the socket tell a code and no sentence. */
const en: Record<string, string> = {
  'nothing-said': 'Type something first.',
  'text-too-long': 'That is too long.',
  'link-not-allowed': 'Only the people who run the room may post links.',
  'muted': 'You have been muted here.',
  'over-already': 'This session is over.',
  'not-for-you': 'You may not do this here.',
  'network-muted': 'Guests from your network cannot speak here for now. Sign in to speak.',
  'banned': 'You have been removed from this room.',
  'chat-paused': 'The chat is paused.',
  'team-only': 'Only the people who run the room speak now.',
  'accounts-only': 'Sign in to speak here.',
  'word-refused': 'The message has a word that is not said here.',
  'too-fast': 'You are writing too fast.',
  'archive-full': 'Chat is not available right now.',
  'not-for-staff': 'The people who run the room cannot be muted.',
  'all-taken': 'All of these coupons are taken.',
  'not-yet-takeable': 'This coupon cannot be taken now.',
  'watch-longer': 'Watch a little longer, then take it.',
  'bid-too-low': 'Somebody bids more; bid higher.',
  'auction-over': 'The auction is over.',
  'draw-over': 'The draw is closed.',
  'not-entitled': 'You do not meet the condition yet.',
  'still-there': 'It is not sold out; you can buy it.',
  'no-such-offer': 'There is no such offer.',
  'not-for-the-team': 'Who runs the room takes no part in its offers.',
  'too-many': 'That is more than one buyer may have.',
  'price-not-payable': 'The payment provider cannot take so much.',
};

const kinds = words(
  {
    401: '请先登录。', 403: '您的角色不能执行这一操作。', 404: '没有找到，或者不归您查看。',
    409: '现在不能这样做，情况已经变化。', 422: '有的内容填写不正确，请检查。',
    429: '操作太频繁，请稍后再试。', 500: '系统出错了，我们已经记录。', 503: '系统正在恢复，请稍后再试。',
  } as Record<number, string>,
  {
    401: 'Sign in first.', 403: 'Your role does not allow this.', 404: 'There is no such thing.',
    409: 'That is not possible any more.', 422: 'Something is not filled in correctly.',
    429: 'Too fast; try again in a moment.', 500: 'Something broke on our side; it is recorded.',
    503: 'The system is recovering; try again in a moment.',
  } as Record<number, string>,
);

const inLine = words(
  { told: (place: number, seconds: number) => `抢购的人太多：您前面约有 ${place - 1} 人，请 ${seconds} 秒后再试。` },
  { told: (place, seconds) => `Very many are buying this: about ${place - 1} are ahead of you. Try again in ${seconds} s.` },
);

/** A posting is undone together with what it moved: by what, is a fact of the problem. */
const elsewhere = words(
  {
    refund: '这笔分录属于一张订单，不能单独冲销：请对订单退款，商家货款会一并退回。',
    provider: '这笔分录随支付机构的款项变动，不能单独冲销：支付机构撤回或退回后会自动入账。',
    bank: '这笔分录属于一起争议，不能单独冲销：以买家银行的裁定为准。',
    correction: '这笔分录已计入商家的货款，不能单独冲销：请更正商家的可提现金额或应收欠款。',
  } as Record<string, string>,
  {
    refund: 'This posting belongs to an order and is not reversed alone: refund the order, and the merchant’s share follows.',
    provider: 'This posting follows the payment provider and is not reversed alone: what it takes or sends back is posted by itself.',
    bank: 'This posting belongs to a dispute and is not reversed alone: the buyer’s bank decides.',
    correction: 'This posting is counted in a merchant’s share and is not reversed alone: correct what is available to them or owed by them.',
  },
);

export function problemText(error: unknown): string {
  const code = codeOf(error);
  if (code === OFFLINE) return shared.value.offline;
  if (code === 'queue-full' && error instanceof Problem && typeof error.facts['place'] === 'number') {
    return inLine.value.told(error.facts['place'], Number(error.facts['retry_after'] ?? 1));
  }
  if (code === 'parcel-not-declarable' && error instanceof Problem) return undeclarable(error);
  if (code === 'undone-elsewhere' && error instanceof Problem) {
    const instead = elsewhere.value[String(error.facts['instead'])];
    if (instead) return instead;
  }
  const known = lang.value === 'en' ? en[code] : zh[code];
  if (known) return known;
  if (!(error instanceof Problem)) return kinds.value[500] ?? '';
  if (lang.value === 'en' && error.title && error.status < 500) return error.title;
  return kinds.value[error.status] || error.title;
}

/** What customs would not take, as the server words it, with the two figures where it compares any. */
function undeclarable(problem: Problem): string {
  const said = (lang.value === 'en' ? problem.title : zh[problem.code]) || problem.title;
  const found = (problem.facts['differences'] ?? []) as Difference[];
  return [said, ...found.map((each) => differs(each))].join(' ');
}

export function differs(each: Difference): string {
  return COMPARED.has(each.rule) ? `${told(each.text)} (${each.expected} ≠ ${each.found})` : told(each.text);
}

function codeOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return '';
}
