"""Every call of Stripe's API that the sandbox knows, on one page."""

from stripe import params

from payments.sandbox import charges, customers, endpoints, intents, methods, refunds
from payments.sandbox.operation import Operation
from payments.sandbox.operations_out import OPERATIONS_OUT

_O = Operation
_P = params
_METHOD = "/v1/payment_methods/{payment_method}"
_INTENT = "/v1/payment_intents/{intent}"

OPERATIONS = (
    _O(
        "payment_intents.create",
        "POST",
        "/v1/payment_intents",
        _P.PaymentIntentCreateParams,
        intents.create,
    ),
    _O(
        "payment_intents.search",
        "GET",
        "/v1/payment_intents/search",
        _P.PaymentIntentSearchParams,
        intents.search,
    ),
    _O(
        "payment_intents.list",
        "GET",
        "/v1/payment_intents",
        _P.PaymentIntentListParams,
        intents.listed,
    ),
    _O(
        "payment_intents.retrieve",
        "GET",
        _INTENT,
        _P.PaymentIntentRetrieveParams,
        intents.retrieve,
        for_pages=True,
    ),
    _O(
        "payment_intents.update",
        "POST",
        _INTENT,
        _P.PaymentIntentUpdateParams,
        intents.update,
    ),
    _O(
        "payment_intents.confirm",
        "POST",
        _INTENT + "/confirm",
        _P.PaymentIntentConfirmParams,
        intents.confirm,
        for_pages=True,
    ),
    _O(
        "payment_intents.cancel",
        "POST",
        _INTENT + "/cancel",
        _P.PaymentIntentCancelParams,
        intents.cancel,
    ),
    _O(
        "payment_methods.create",
        "POST",
        "/v1/payment_methods",
        _P.PaymentMethodCreateParams,
        methods.create,
        for_pages=True,
    ),
    _O(
        "payment_methods.retrieve",
        "GET",
        _METHOD,
        _P.PaymentMethodRetrieveParams,
        methods.retrieve,
    ),
    _O(
        "payment_methods.list",
        "GET",
        "/v1/payment_methods",
        _P.PaymentMethodListParams,
        methods.listed,
    ),
    _O(
        "payment_methods.attach",
        "POST",
        _METHOD + "/attach",
        _P.PaymentMethodAttachParams,
        methods.attach,
    ),
    _O(
        "payment_methods.detach",
        "POST",
        _METHOD + "/detach",
        _P.PaymentMethodDetachParams,
        methods.detach,
    ),
    _O("charges.list", "GET", "/v1/charges", _P.ChargeListParams, charges.listed),
    _O(
        "charges.retrieve",
        "GET",
        "/v1/charges/{charge}",
        _P.ChargeRetrieveParams,
        charges.retrieve,
    ),
    _O("refunds.create", "POST", "/v1/refunds", _P.RefundCreateParams, refunds.create),
    _O("refunds.list", "GET", "/v1/refunds", _P.RefundListParams, refunds.listed),
    _O(
        "refunds.retrieve",
        "GET",
        "/v1/refunds/{refund}",
        _P.RefundRetrieveParams,
        refunds.retrieve,
    ),
    _O("balance.retrieve", "GET", "/v1/balance", _P.BalanceRetrieveParams, charges.balance),
    _O(
        "balance_transactions.list",
        "GET",
        "/v1/balance_transactions",
        _P.BalanceTransactionListParams,
        charges.lines,
    ),
    _O(
        "balance_transactions.retrieve",
        "GET",
        "/v1/balance_transactions/{id}",
        _P.BalanceTransactionRetrieveParams,
        charges.line,
    ),
    _O("customers.create", "POST", "/v1/customers", _P.CustomerCreateParams, customers.create),
    _O("customers.list", "GET", "/v1/customers", _P.CustomerListParams, customers.listed),
    _O(
        "customers.retrieve",
        "GET",
        "/v1/customers/{customer}",
        _P.CustomerRetrieveParams,
        customers.retrieve,
    ),
    _O(
        "customers.update",
        "POST",
        "/v1/customers/{customer}",
        _P.CustomerUpdateParams,
        customers.update,
    ),
    _O(
        "events.list",
        "GET",
        "/v1/events",
        _P.EventListParams,
        endpoints.events,
        for_accounts=True,
    ),
    _O("events.retrieve", "GET", "/v1/events/{id}", _P.EventRetrieveParams, endpoints.event),
    _O(
        "webhook_endpoints.create",
        "POST",
        "/v1/webhook_endpoints",
        _P.WebhookEndpointCreateParams,
        endpoints.create,
    ),
    _O(
        "webhook_endpoints.list",
        "GET",
        "/v1/webhook_endpoints",
        _P.WebhookEndpointListParams,
        endpoints.listed,
    ),
    _O(
        "webhook_endpoints.retrieve",
        "GET",
        "/v1/webhook_endpoints/{endpoint}",
        _P.WebhookEndpointRetrieveParams,
        endpoints.retrieve,
    ),
    _O(
        "webhook_endpoints.delete",
        "DELETE",
        "/v1/webhook_endpoints/{endpoint}",
        _P.WebhookEndpointDeleteParams,
        endpoints.delete,
    ),
    *OPERATIONS_OUT,
)


def operation(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The call that this request makes, and what its path names."""
    for candidate in OPERATIONS:
        named = candidate.match(method, path)
        if named is not None:
            return candidate, named
    return None
