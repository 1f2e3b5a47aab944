"""What invoices are called and how their numbers look."""

from enum import StrEnum


class InvoiceKind(StrEnum):
    """A bill, or what takes some of a bill back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Paper(StrEnum):
    """What can be printed for many orders at once."""

    PICK_LIST = "pick_list"
    LABELS = "labels"
    INVOICES = "invoices"


_PREFIX = {InvoiceKind.INVOICE: "INV", InvoiceKind.CREDIT_NOTE: "CN"}


def spelled(kind: InvoiceKind, number: int) -> str:
    """``INV-000042``: each merchant counts its own, from 1, without gaps."""
    return f"{_PREFIX[kind]}-{number:06d}"
