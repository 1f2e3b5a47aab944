"""What the sandbox's pages say, in both languages."""

from collections.abc import Mapping

Words = Mapping[str, str]

_BOTH: Mapping[str, tuple[str, str]] = {
    "ribbon": ("沙盒 · 测试资金，不会真实扣款", "SANDBOX · test money, nothing is charged"),
    "title": ("付款", "Payment"),
    "pay_to": ("应付金额", "Amount due"),
    "methods": ("付款方式", "Payment method"),
    "card": ("银行卡", "Card"),
    "alipay": ("支付宝", "Alipay"),
    "wechat_pay": ("微信支付", "WeChat Pay"),
    "number": ("卡号", "Card number"),
    "expiry": ("有效期 (月/年)", "Expiry (MM/YY)"),
    "cvc": ("安全码", "CVC"),
    "try": ("测试卡（点一下填入）", "Test cards (tap to fill in)"),
    "card_ok": ("成功", "succeeds"),
    "card_declined": ("拒付", "declined"),
    "card_funds": ("余额不足", "no funds"),
    "card_3ds": ("需要验证", "3-D Secure"),
    "pay": ("支付", "Pay"),
    "go_alipay": ("前往支付宝", "Continue to Alipay"),
    "go_wechat": ("显示微信付款码", "Show WeChat code"),
    "wallet_note": (
        "真实环境中会跳转或扫码；在沙盒里由你来决定结果。",
        "For real you would be redirected or scan a code; here you decide what happens.",
    ),
    "busy": ("正在处理…", "Working…"),
    "challenge": ("银行验证", "Your bank asks for confirmation"),
    "challenge_note": (
        "这是模拟的 3-D Secure 页面。",
        "This stands for your bank's 3-D Secure page.",
    ),
    "wallet": ("在钱包中确认", "Confirm in your wallet"),
    "scan_note": (
        "此处应为微信付款码，由手机扫描。",
        "A WeChat code to scan with the phone stands here.",
    ),
    "approve": ("确认付款", "Approve"),
    "slowly": ("确认，但 12 秒后才到账", "Approve, but confirmed 12 s later"),
    "never": ("确认，但一直不到账", "Approve, but never confirmed"),
    "refuse": ("拒绝", "Refuse"),
    "processing": ("付款处理中", "Payment is being processed"),
    "processing_note": (
        "钱包还没有确认，页面会自动更新。",
        "The wallet has not confirmed yet; this page follows by itself.",
    ),
    "succeeded": ("付款成功", "Payment succeeded"),
    "succeeded_note": ("订单由商家确认后生效。", "The shop confirms the order itself."),
    "canceled": ("付款已取消", "Payment was cancelled"),
    "canceled_note": ("此付款已不能继续。", "It can no longer be paid."),
    "back": ("返回商店", "Back to the shop"),
    "lost": ("连接中断，请重试。", "The connection was lost. Please try again."),
    "card_incomplete": ("请填写完整的卡信息。", "Please complete the card details."),
    "insufficient_funds": ("余额不足，请换一张卡。", "Your card has insufficient funds."),
    "generic_decline": ("银行拒绝了这张卡。", "Your card was declined."),
    "declined": ("付款被拒绝。", "The payment was declined."),
    "expired_card": ("卡已过期。", "Your card has expired."),
    "incorrect_cvc": ("安全码不正确。", "Your card's security code is incorrect."),
    "incorrect_number": ("卡号不正确。", "Your card number is incorrect."),
    "processing_error": ("处理出错，请稍后再试。", "Something went wrong. Try again soon."),
    "test_mode_live_card": (
        "沙盒只接受测试卡，请不要填写真实卡号。",
        "Only test cards work here. Never enter a real card.",
    ),
    "payment_intent_authentication_failure": (
        "验证没有通过，请换一种方式。",
        "Authentication failed. Please try another way.",
    ),
    "payment_method_provider_decline": (
        "钱包中的付款被拒绝。",
        "The payment was refused in the wallet.",
    ),
    "no_intent": ("找不到这笔付款", "There is no such payment"),
    "no_intent_note": (
        "链接不完整或已失效，请从订单重新进入。",
        "The link is incomplete or old. Please come again from your order.",
    ),
    "state": ("沙盒状态", "State of the sandbox"),
    "clock": ("沙盒时钟", "Sandbox clock"),
    "ahead": ("比真实时间快", "ahead of real time by"),
    "balance": ("余额", "Balance"),
    "available": ("可用", "available"),
    "pending": ("待结算", "pending"),
    "payments": ("付款", "Payments"),
    "refunds": ("退款", "Refunds"),
    "events": ("事件与投递", "Events and deliveries"),
    "accounts": ("关联账户", "Connected accounts"),
    "transfers": ("转账", "Transfers"),
    "payouts": ("提现", "Payouts"),
    "disputes": ("争议", "Disputes"),
    "to": ("收款方", "To"),
    "due": ("待补充", "Still due"),
    "ready": ("可收款", "ready"),
    "onboarding": ("收款账户资料", "Details for payouts"),
    "onboarding_note": (
        "真实环境中在此填写企业与银行资料；在沙盒里由你决定结果。",
        "For real, company and bank details are asked for here; here you decide what happens.",
    ),
    "complete": ("资料齐全，开通收款", "Complete: payouts enabled"),
    "incomplete": ("缺少银行账户", "Leave the bank account out"),
    "onboarded": ("已提交", "Submitted"),
    "f_payout": ("下一笔提现：银行退回", "Next payout: sent back"),
    "bookings": ("余额明细", "Balance lines"),
    "id": ("编号", "Id"),
    "status": ("状态", "Status"),
    "amount": ("金额", "Amount"),
    "fee": ("手续费", "Fee"),
    "what": ("内容", "What"),
    "when": ("时间", "When"),
    "delivery": ("投递", "Delivery"),
    "nothing": ("还没有内容", "Nothing yet"),
    "switches": ("故障开关", "Fault switches"),
    "switches_note": (
        "打开后，对接下来的请求或通知生效。",
        "They act on the requests and messages that come next.",
    ),
    "off": ("全部关闭", "All off"),
    "on_now": ("当前开启", "On now"),
    "none": ("无", "none"),
    "f_fail_before": ("下一次开单：失败，未生效", "Next opening: fails, no effect"),
    "f_fail_after": ("下一次开单：已生效但报错", "Next opening: error after the effect"),
    "f_busy": ("下五次请求：限流", "Next five requests: too many"),
    "w_copies": ("通知发送三遍", "Messages three times"),
    "w_reorder": ("通知乱序", "Messages out of order"),
    "w_delay": ("通知延迟 10 秒", "Messages 10 s late"),
    "w_drop": ("丢掉下一条通知", "Lose the next message"),
    "w_bad_signature": ("通知签名错误", "Messages with bad signatures"),
    "lang": ("English", "中文"),
}

WORDS: Mapping[str, Words] = {
    "zh": {name: both[0] for name, both in _BOTH.items()},
    "en": {name: both[1] for name, both in _BOTH.items()},
}


def language(asked: str | None, accepted: str) -> str:
    """``zh`` or ``en``: what was asked for, else what the browser would rather have."""
    if asked is not None and asked in WORDS:
        return asked
    weighed: list[tuple[float, str]] = []
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), name[:2]))
        except ValueError:
            continue
    known = [name for _, name in sorted(weighed, key=lambda pair: pair[0]) if name in WORDS]
    return known[0] if known else "en"
