"""Settlement over HTTP: the provider's messages in, and what merchants see of money."""

from datetime import date

from aiohttp import web

from livecommerce.office.errors import NoFontForChinese
from livecommerce.settlement import money_out, printing, queries, receipts, statements
from livecommerce.settlement.wire import (
    BalanceOut,
    Heard,
    OddMessageOut,
    OnboardingOut,
    PayeeOut,
    PayoutOut,
    PostingOut,
    StatementOut,
    TransferOut,
)
from livecommerce.settlement.wire_receipts import ReceiptsOut
from livecommerce.settlement.wire_waiting import UnsentOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, StaffRole
from payments.errors import EndpointOff, Foreign, Forged, Stale, Unreadable
from payments.intake import Intake, IntakeFull, NotStored


@route(
    "POST",
    "/hooks/stripe",
    may=anyone,
    errors=(EndpointOff, Forged, Stale, Foreign, Unreadable, IntakeFull, NotStored),
    tags=("settlement",),
    tx=False,
)
async def stripe(call: Call) -> Heard:
    """Take what the payment provider says: signed, stored once, understood afterwards."""
    return await _heard(call, connected=False)


@route(
    "POST",
    "/hooks/stripe-connect",
    may=anyone,
    errors=(EndpointOff, Forged, Stale, Foreign, Unreadable, IntakeFull, NotStored),
    tags=("settlement",),
    tx=False,
)
async def stripe_connect(call: Call) -> Heard:
    """The same for what happens on merchants' own accounts; signed with another secret."""
    return await _heard(call, connected=True)


async def _heard(call: Call, *, connected: bool) -> Heard:
    raw = await call.request.read()
    signature = call.request.headers.get("Stripe-Signature", "")
    await call.r.part(Intake).receive(raw, signature, now=call.now, connected=connected)
    return Heard()


@route(
    "GET",
    "/v1/merchants/{merchant}/balances",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def balances(call: Call, merchant: str) -> list[BalanceOut]:
    """What a merchant is owed, by currency."""
    return await queries.balances(call.tx, merchant, by=call.who)


@route(
    "GET",
    "/v1/postings",
    may=staff(StaffRole.FINANCE, StaffRole.OPERATOR),
    tags=("settlement",),
)
async def postings(call: Call, source: str) -> list[PostingOut]:
    """What an order, a refund or a payment means in the books."""
    return await queries.postings_for_staff(call.tx, source, by=call.who)


@route(
    "GET",
    "/v1/odd-messages",
    may=staff(StaffRole.FINANCE, StaffRole.OPERATOR),
    tags=("settlement",),
)
async def odd_messages(call: Call) -> list[OddMessageOut]:
    """What the payment provider said and nobody understood."""
    return await queries.not_understood(call.tx, by=call.who)


@route(
    "GET",
    "/v1/merchants/{merchant}/payee",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def payee(call: Call, merchant: str) -> PayeeOut:
    """Whether the merchant can be paid."""
    return await money_out.payee(call.tx, merchant, by=call.who)


@route(
    "POST",
    "/v1/merchants/{merchant}/payee/onboarding",
    may=member(MerchantRole.OWNER),
    tags=("settlement",),
    tx=False,
)
async def onboard(call: Call, merchant: str) -> OnboardingOut:
    """An address where the merchant's owner answers the payment provider's questions."""
    url = await money_out.onboard(
        call.r.db,
        call.r.payments,
        merchant,
        home=call.r.public_url,
        by=call.who,
        now=call.now,
    )
    return OnboardingOut(url=url)


@route(
    "GET",
    "/v1/merchants/{merchant}/transfers",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def transfers(call: Call, merchant: str) -> list[TransferOut]:
    """What was sent on to the merchant, newest first."""
    return await money_out.transfers_of(call.tx, merchant, by=call.who)


@route(
    "GET",
    "/v1/merchants/{merchant}/unsent",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def unsent(call: Call, merchant: str) -> list[UnsentOut]:
    """What the payment provider would not send to the merchant, and why."""
    return await money_out.unsent_of(call.tx, merchant, by=call.who)


@route(
    "GET",
    "/v1/merchants/{merchant}/payouts",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def payouts(call: Call, merchant: str) -> list[PayoutOut]:
    """What went from the merchant's account to their bank, newest first."""
    return await money_out.payouts_of(call.tx, merchant, by=call.who)


@route(
    "GET",
    "/v1/merchants/{merchant}/receipts",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE, StaffRole.COMPLIANCE),
    tags=("settlement",),
)
async def receipts_of(call: Call, merchant: str) -> ReceiptsOut:
    """The merchant's receipts of this year in US dollars, against the threshold."""
    return await receipts.receipts(call.tx, merchant, by=call.who, now=call.now)


@route(
    "GET",
    "/v1/merchants/{merchant}/statement",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def statement(call: Call, merchant: str, month: date) -> StatementOut:
    """A calendar month (Beijing): every movement between opening and closing balances."""
    return await statements.statement(call.tx, merchant, month, by=call.who)


@route(
    "GET",
    "/v1/merchants/{merchant}/statement.csv",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    gives=("text/csv", "account,currency,at,kind,source,memo,amount,balance\r\n"),
    tags=("settlement",),
)
async def statement_csv(call: Call, merchant: str, month: date) -> web.Response:
    """The statement for a spreadsheet."""
    told = await statements.statement(call.tx, merchant, month, by=call.who)
    return _file(statements.as_csv(told).encode(), "text/csv", told, "csv")


@route(
    "GET",
    "/v1/merchants/{merchant}/statement.pdf",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    errors=(NoFontForChinese,),
    gives=("application/pdf", "%PDF-1.7"),
    tags=("settlement",),
    tx=False,
)
async def statement_pdf(call: Call, merchant: str, month: date) -> web.Response:
    """The statement on paper, in Chinese and English."""
    async with call.r.db.begin() as tx:
        told = await statements.statement(tx, merchant, month, by=call.who)
    made = await printing.pdf(told, now=call.now)
    return _file(made, "application/pdf", told, "pdf")


def _file(body: bytes, kind: str, told: StatementOut, ending: str) -> web.Response:
    name = f"statement-{told.month:%Y-%m}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=kind, charset=None, headers=headers)


ROUTES = [
    receipts_of,
    statement,
    statement_csv,
    statement_pdf,
    stripe,
    stripe_connect,
    balances,
    postings,
    odd_messages,
    payee,
    onboard,
    transfers,
    unsent,
    payouts,
]
