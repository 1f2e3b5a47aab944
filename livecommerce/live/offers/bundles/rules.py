"""Kinds of bundle. What they take off, ``live/offers/rules.py`` says. Pure."""

from datetime import timedelta
from enum import StrEnum


class BundleKind(StrEnum):
    """What is cheaper: one of every so many pieces, or products together."""

    SECOND = "second"
    BUNDLE = "bundle"


GRACE = timedelta(minutes=15)
"""What was set aside while a bundle ran is quoted with it for so long after its end."""
