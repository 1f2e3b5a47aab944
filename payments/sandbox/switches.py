"""Fault switches: what may go wrong between us and Stripe, made to go wrong."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class What(StrEnum):
    """How a request goes wrong."""

    FAIL_BEFORE = "fail_before"  # 500, and nothing has happened
    FAIL_AFTER = "fail_after"  # 500, and it has
    LOSE_BEFORE = "lose_before"  # the connection breaks, and nothing has happened
    LOSE_AFTER = "lose_after"  # the connection breaks, and it has
    HANG_BEFORE = "hang_before"  # no answer, and nothing has happened
    HANG_AFTER = "hang_after"  # no answer, and it has
    BUSY = "busy"  # 429


BEFORE = frozenset({What.FAIL_BEFORE, What.LOSE_BEFORE, What.HANG_BEFORE, What.BUSY})


class Fault(BaseModel):
    """The next ``times`` requests to ``endpoint`` (``*`` is any) go wrong."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = "*"
    what: What
    times: int = Field(default=1, ge=1)


class Webhooks(BaseModel):
    """How events are delivered."""

    model_config = ConfigDict(extra="forbid")

    copies: int = Field(default=1, ge=1, le=10)
    delay: float = Field(default=0, ge=0)
    reorder: bool = False
    drop: int = Field(default=0, ge=0)
    """How many more to lose."""
    bad_signature: bool = False

    def take_drop(self) -> bool:
        """Whether this one is lost."""
        lost = self.drop > 0
        self.drop -= lost
        return lost


class Switches(BaseModel):
    """All of them. Off unless set."""

    model_config = ConfigDict(extra="forbid")

    faults: list[Fault] = []
    webhooks: Webhooks = Webhooks()
    fail_payouts: int = Field(default=0, ge=0)
    """How many more payouts the bank sends back."""

    def take_payout_failure(self) -> bool:
        """Whether this payout is sent back."""
        failed = self.fail_payouts > 0
        self.fail_payouts -= failed
        return failed

    def take(self, endpoint: str) -> What | None:
        """What goes wrong with this request, if anything; it counts as used."""
        for fault in self.faults:
            if fault.endpoint in {endpoint, "*"}:
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
                return fault.what
        return None
