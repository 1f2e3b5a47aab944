"""The calls by which money leaves: accounts, transfers, payouts, disputes."""

from stripe import params

from payments.sandbox import accounts, disputes, payouts, transfers
from payments.sandbox.operation import Operation

_O = Operation
_P = params

OPERATIONS_OUT = (
    _O("accounts.create", "POST", "/v1/accounts", _P.AccountCreateParams, accounts.create),
    _O("accounts.list", "GET", "/v1/accounts", _P.AccountListParams, accounts.listed),
    _O(
        "accounts.retrieve",
        "GET",
        "/v1/accounts/{account}",
        _P.AccountRetrieveParams,
        accounts.retrieve,
    ),
    _O(
        "account_links.create",
        "POST",
        "/v1/account_links",
        _P.AccountLinkCreateParams,
        accounts.link,
    ),
    _O("transfers.create", "POST", "/v1/transfers", _P.TransferCreateParams, transfers.create),
    _O("transfers.list", "GET", "/v1/transfers", _P.TransferListParams, transfers.listed),
    _O(
        "transfers.retrieve",
        "GET",
        "/v1/transfers/{transfer}",
        _P.TransferRetrieveParams,
        transfers.retrieve,
    ),
    _O(
        "transfers.reversals.create",
        "POST",
        "/v1/transfers/{transfer}/reversals",
        _P.TransferReversalCreateParams,
        transfers.reverse,
    ),
    _O(
        "transfers.reversals.list",
        "GET",
        "/v1/transfers/{transfer}/reversals",
        _P.TransferReversalListParams,
        transfers.reversals,
    ),
    _O("payouts.create", "POST", "/v1/payouts", _P.PayoutCreateParams, payouts.create),
    _O("payouts.list", "GET", "/v1/payouts", _P.PayoutListParams, payouts.listed),
    _O(
        "payouts.retrieve",
        "GET",
        "/v1/payouts/{payout}",
        _P.PayoutRetrieveParams,
        payouts.retrieve,
    ),
    _O("disputes.list", "GET", "/v1/disputes", _P.DisputeListParams, disputes.listed),
    _O(
        "disputes.retrieve",
        "GET",
        "/v1/disputes/{dispute}",
        _P.DisputeRetrieveParams,
        disputes.retrieve,
    ),
    _O(
        "disputes.update",
        "POST",
        "/v1/disputes/{dispute}",
        _P.DisputeUpdateParams,
        disputes.update,
    ),
    _O(
        "disputes.close",
        "POST",
        "/v1/disputes/{dispute}/close",
        _P.DisputeCloseParams,
        disputes.close,
    ),
)
