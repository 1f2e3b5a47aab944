"""The whole system on one page: every route, and who reacts to which fact. Read it first."""

from aiohttp import web

from livecommerce.catalogue import jobs as catalogue_jobs
from livecommerce.catalogue import reactions as catalogue
from livecommerce.catalogue import routes as catalogue_routes
from livecommerce.catalogue.events import StockChanged
from livecommerce.crossborder import jobs as crossborder_jobs
from livecommerce.crossborder import routes as crossborder_routes
from livecommerce.crossborder.events import (
    DeclarationMatched,
    PapersAccepted,
    WithdrawalWanted,
)
from livecommerce.identity import jobs as identity_jobs
from livecommerce.identity import routes as identity_routes
from livecommerce.identity.addresses import jobs as address_jobs
from livecommerce.identity.addresses import reactions as addresses
from livecommerce.identity.addresses import routes as address_routes
from livecommerce.identity.events import GuestMerged
from livecommerce.insight import routes as insight_routes
from livecommerce.kernel.relay import Jobs, Reactions, Tick
from livecommerce.live import jobs as live_jobs
from livecommerce.live import reactions as live
from livecommerce.live import routes as live_routes
from livecommerce.live.door import RoomDoor
from livecommerce.live.events import (
    CardExplained,
    CardPriced,
    ExplainStopped,
    ShelfChanged,
)
from livecommerce.live.offers import jobs as offer_jobs
from livecommerce.live.offers import reactions as offers
from livecommerce.live.offers import routes as offer_routes
from livecommerce.live.offers.auctions import jobs as auction_jobs
from livecommerce.live.offers.auctions import reactions as auctions
from livecommerce.live.offers.auctions.events import AuctionDue, AuctionWon
from livecommerce.live.offers.coupons import reactions as coupons
from livecommerce.live.offers.coupons.events import CouponClosing
from livecommerce.live.offers.draws import jobs as draw_jobs
from livecommerce.live.offers.draws import reactions as draws
from livecommerce.live.offers.draws.events import DrawDue, PrizeDue, PrizeWon
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.flash import reactions as flash
from livecommerce.live.offers.flash.events import FlashDue
from livecommerce.live.offers.waitlist import jobs as waitlist_jobs
from livecommerce.live.offers.waitlist import reactions as waitlist
from livecommerce.live.offers.waitlist.events import LineMoves, TurnCame
from livecommerce.orders import jobs as order_jobs
from livecommerce.orders import reactions as orders
from livecommerce.orders import routes as order_routes
from livecommerce.orders.cancellations import routes as cancellation_routes
from livecommerce.orders.cancellations.events import LinesCancelled
from livecommerce.orders.cart import jobs as cart_jobs
from livecommerce.orders.cart import reactions as cart
from livecommerce.orders.cart import routes as cart_routes
from livecommerce.orders.cart.events import CartChanged
from livecommerce.orders.desk import routes as desk_routes
from livecommerce.orders.events import (
    CheckoutCancelled,
    CheckoutCancelling,
    CheckoutPaid,
    LatePaymentRefunded,
    LateRefundFailed,
    OrderDisputed,
    OrderPaid,
    OrderRefunded,
    OrderRefundFailed,
    OrderShipped,
    PaymentReady,
    PaymentRefused,
)
from livecommerce.orders.lates import jobs as late_jobs
from livecommerce.orders.lates import routes as late_routes
from livecommerce.orders.links import jobs as link_jobs
from livecommerce.orders.links import routes as link_routes
from livecommerce.orders.links.events import LinkWanted
from livecommerce.orders.messages import jobs as message_jobs
from livecommerce.orders.messages import routes as message_routes
from livecommerce.orders.messages.events import MessageSent
from livecommerce.orders.papers import reactions as papers
from livecommerce.orders.papers import routes as paper_routes
from livecommerce.orders.paying import jobs as paying_jobs
from livecommerce.orders.paying import routes as paying_routes
from livecommerce.orders.returns import routes as return_routes
from livecommerce.orders.returns.events import ReturnMoved
from livecommerce.pages import routes as page_routes
from livecommerce.settlement import desk as settlement_desk
from livecommerce.settlement import jobs as settlement_jobs
from livecommerce.settlement import reactions as settlement
from livecommerce.settlement import routes as settlement_routes
from livecommerce.settlement.events import ReceiptsReached, ReceiptWaits, ShareReleased
from livecommerce.studios import reactions as studios
from livecommerce.studios import routes as studio_routes
from livecommerce.studios.events import PencilRanOut
from livecommerce.telling import TOLD, with_telling
from livecommerce.web import figures, files, health, proxy
from livecommerce.web.api import Endpoint
from livecommerce.web.keys import RESOURCES
from livecommerce.webhooks import jobs as webhook_jobs
from livecommerce.webhooks import routes as webhook_routes
from livecommerce.webhooks.events import EndpointSwitchedOff
from payments import events as pay
from payments import fees, inbox
from streams.chat import events as chat
from streams.ingest import reactions as ingest
from streams.ingest.events import RecordingFinished
from streams.realtime import api as server_api
from streams.realtime import metrics, proxies, transports
from streams.realtime.hub import Hub
from streams.replays import reactions as replays
from streams.replays.events import ReplayReady, ReplayWanted
from streams.sessions import events as session


def own_hub(request: web.Request) -> Hub:
    """The rooms of this process, if viewers connect to it and not to a Centrifugo."""
    hub = request.app[RESOURCES].find(Hub)
    if hub is None:
        raise web.HTTPNotFound
    return hub


def room_figures(request: web.Request) -> str:
    """What the rooms of this process did and hold; a Centrifugo in front has figures of its
    own."""
    return metrics.page(own_hub(request))


def door_of(request: web.Request) -> RoomDoor:
    """Who decides what a Centrifugo in front of us asks."""
    return request.app[RESOURCES].part(RoomDoor)


def room_key(request: web.Request) -> str:
    """What servers show each other when they speak of rooms."""
    return request.app[RESOURCES].settings.room_key()


ENDPOINTS: list[Endpoint] = [
    *identity_routes.ROUTES,
    *address_routes.ROUTES,
    *studio_routes.ROUTES,
    *catalogue_routes.ROUTES,
    *live_routes.ROUTES,
    *offer_routes.ROUTES,
    *cart_routes.ROUTES,
    *order_routes.ROUTES,
    *paying_routes.ROUTES,
    *late_routes.ROUTES,
    *link_routes.ROUTES,
    *message_routes.ROUTES,
    *cancellation_routes.ROUTES,
    *return_routes.ROUTES,
    *paper_routes.ROUTES,
    *desk_routes.ROUTES,
    *settlement_routes.ROUTES,
    *settlement_desk.DESK,
    *crossborder_routes.ROUTES,
    *insight_routes.ROUTES,
    *webhook_routes.ROUTES,
    *proxy.ENDPOINTS,
]

ROUTES: list[web.RouteDef] = [
    *health.ROUTES,
    *figures.routes(room_figures),
    *files.ROUTES,
    *proxy.ROUTES,
    *live_routes.HOOKS,
    *transports.routes(own_hub),
    *server_api.routes(own_hub, room_key),
    *proxies.routes(door_of, room_key),
    *page_routes.ROUTES,
]

PAGE_BOOT = page_routes.BOOT
LOST_PAGE = page_routes.lost

_REACTIONS: Reactions = {
    GuestMerged: [
        addresses.on_guest_merged,
        catalogue.on_guest_merged,
        cart.on_guest_merged,
        orders.on_guest_merged,
        live.on_guest_merged,
        offers.on_guest_merged,
    ],
    PencilRanOut: [studios.on_pencil_ran_out],
    session.LiveResumed: [ingest.on_live_resumed],
    session.LiveEnded: [
        studios.on_live_ended,
        live.on_live_ended,
        offers.on_live_ended,
        ingest.on_live_over,
        replays.on_live_ended,
    ],
    session.LiveCancelled: [ingest.on_live_over],
    FlashDue: [flash.on_flash_due],
    CouponClosing: [coupons.on_coupon_closing],
    AuctionDue: [auctions.on_auction_due],
    DrawDue: [draws.on_draw_due],
    PrizeDue: [draws.on_prize_due],
    CardExplained: [offers.on_card_explained],
    StockChanged: [waitlist.on_stock_changed],
    RecordingFinished: [replays.on_recording_finished],
    pay.StripeSaid: [inbox.on_stripe_said],
    pay.PaymentOpened: [orders.on_payment_opened],
    pay.PaymentProcessing: [orders.on_payment_processing],
    pay.PaymentFailed: [orders.on_payment_failed],
    pay.PaymentCaptured: [orders.on_payment_captured],
    pay.PaymentCancelled: [orders.on_payment_cancelled],
    pay.RefundSettled: [orders.on_refund_settled],
    pay.RefundFailed: [orders.on_refund_failed],
    OrderShipped: [papers.on_order_shipped],
    OrderRefunded: [papers.on_order_refunded],
    pay.FundsDue: [fees.on_funds_due],
    ShareReleased: [settlement.on_share_released],
    pay.PayeeReady: [settlement.on_payee_ready],
    pay.TransferSent: [settlement.on_transfer_sent],
    pay.TransferRefused: [settlement.on_transfer_refused],
    pay.ReversalSettled: [settlement.on_reversal_settled],
    pay.ReversalRefused: [settlement.on_reversal_refused],
    pay.PayoutOnItsWay: [settlement.on_payout_on_its_way],
    pay.PayoutFailed: [settlement.on_payout_failed],
    pay.DisputeOpened: [orders.on_dispute_opened],
    pay.DisputeClosed: [orders.on_dispute_closed],
}
REACTIONS: Reactions = with_telling(_REACTIONS, TOLD)

JOBS: Jobs = {
    CardExplained: [live_jobs.show_card],
    ExplainStopped: [live_jobs.show_card],
    CardPriced: [live_jobs.show_price],
    ShelfChanged: [live_jobs.show_shelf, offer_jobs.show],
    OffersChanged: [offer_jobs.show],
    AuctionWon: [auction_jobs.tell_winner],
    PrizeWon: [draw_jobs.tell_winner],
    LineMoves: [waitlist_jobs.serve],
    TurnCame: [waitlist_jobs.tell_next],
    StockChanged: [live_jobs.show_stock, offer_jobs.show_left],
    session.LiveReady: [live_jobs.show_state],
    session.LiveStarted: [live_jobs.show_state],
    session.LivePaused: [live_jobs.show_state],
    session.LiveResumed: [live_jobs.show_state],
    session.LiveInterrupted: [live_jobs.show_state],
    session.LiveEnded: [live_jobs.show_state, live_jobs.drop_publisher],
    session.LiveCancelled: [live_jobs.show_state, live_jobs.drop_publisher],
    session.LiveArchived: [live_jobs.show_state],
    chat.ChatMessageDeleted: [live_jobs.show_moderation],
    chat.ChatMessageApproved: [live_jobs.show_moderation],
    chat.ChatRulesChanged: [live_jobs.show_chat_rules],
    chat.AnnouncementChanged: [live_jobs.show_chat_rules],
    chat.ViewerMuted: [live_jobs.hear_mute],
    chat.ViewerUnmuted: [live_jobs.hear_mute],
    ReplayWanted: [live_jobs.make_replay],
    ReplayReady: [live_jobs.show_replay],
    pay.PaymentWanted: [order_jobs.open_payment],
    pay.RefundWanted: [settlement_jobs.send_refund],
    pay.ChargeBooked: [settlement_jobs.post_fee],
    pay.RefundBooked: [settlement_jobs.post_exchange],
    pay.MethodUnwanted: [paying_jobs.let_go],
    pay.PayeeWanted: [settlement_jobs.open_payee],
    pay.PayeeChanged: [settlement_jobs.look_at_payee],
    pay.TransferWanted: [settlement_jobs.send_transfer],
    pay.ReversalWanted: [settlement_jobs.take_transfer_back],
    pay.EvidenceWanted: [order_jobs.answer_dispute],
    pay.PayoutFailed: [settlement_jobs.write_of_payout],
    ReceiptsReached: [settlement_jobs.write_of_receipts],
    ReceiptWaits: [order_jobs.count_receipts],
    CheckoutCancelling: [order_jobs.cancel_payment],
    CheckoutCancelled: [order_jobs.tell_buyer],
    CheckoutPaid: [order_jobs.send_receipt],
    PaymentReady: [order_jobs.tell_buyer],
    PaymentRefused: [order_jobs.tell_buyer],
    LatePaymentRefunded: [order_jobs.tell_buyer],
    LateRefundFailed: [late_jobs.write_of_late_refund],
    OrderPaid: [order_jobs.tell_buyer, order_jobs.tell_room, order_jobs.count_receipts],
    OrderShipped: [order_jobs.tell_buyer],
    OrderRefundFailed: [order_jobs.write_of_refund],
    CartChanged: [cart_jobs.tell_devices],
    LinkWanted: [link_jobs.send_link],
    MessageSent: [message_jobs.tell_sides, message_jobs.send_notice],
    LinesCancelled: [order_jobs.tell_of_change],
    OrderDisputed: [order_jobs.tell_of_change, order_jobs.write_of_dispute],
    ReturnMoved: [order_jobs.tell_of_change],
    DeclarationMatched: [crossborder_jobs.file],
    PapersAccepted: [crossborder_jobs.file],
    WithdrawalWanted: [crossborder_jobs.file],
    EndpointSwitchedOff: [webhook_jobs.tell_owner],
}

TICKS: list[Tick] = [
    (1.0, catalogue_jobs.lapse_holds),
    (600.0, catalogue_jobs.index_missing),
    (1.0, order_jobs.end_overdue),
    (1.0, order_jobs.tell_queue),
    (0.5, crossborder_jobs.poll),
    (3600.0, crossborder_jobs.refresh_rates),
    (2.5, live_jobs.reconcile),
    (30.0, settlement_jobs.ask_again),
    (60.0, settlement_jobs.listen_again),
    (60.0, settlement_jobs.listen_to_payees),
    (600.0, settlement_jobs.reconcile_nightly),
    (60.0, settlement_jobs.release_shares),
    (60.0, settlement_jobs.send_money),
    (600.0, settlement_jobs.value_exchange),
    (60.0, settlement_jobs.fold_books),
    (600.0, identity_jobs.forget_expired),
    (600.0, webhook_jobs.forget_old),
    (3600.0, address_jobs.forget_old),
    (3600.0, cart_jobs.forget_old),
]
