"""Coupons as stored: templates, hosts' caps, plans for one live session, and who took one."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.live.offers.coupons.rules import CouponState, PlanState


class CouponTemplate(SQLModel, table=True):
    """What a coupon is worth, and how many there are in all; ``planned`` are locked in plans
    or taken."""

    __tablename__ = "coupon_template"
    __table_args__ = (
        sa.CheckConstraint("planned BETWEEN 0 AND stock", name="planned_within_stock"),
        sa.CheckConstraint(
            "(off_minor IS NULL) <> (percent IS NULL)", name="one_kind_of_worth"
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    merchant_id: str = columns.ref("commerce.merchant.id")
    title: dict[str, str] = columns.json()
    currency: str = Field(sa_type=sa.Text)
    off_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    percent: int | None = None
    most_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    least_minor: int = Field(sa_type=sa.BigInteger)
    valid_hours: int
    stock: int
    planned: int = 0
    made_at: datetime = columns.moment()
    made_by: str = columns.ref(index=False)


class CouponCap(SQLModel, table=True):
    """How many coupons of a template one host may plan."""

    __tablename__ = "coupon_cap"
    __table_args__ = (
        sa.CheckConstraint("planned BETWEEN 0 AND most", name="planned_within_cap"),
        {"schema": "commerce"},
    )

    template_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.coupon_template.id"
    )
    host: str = Field(sa_type=sa.Text, primary_key=True)
    merchant_id: str = columns.ref(index=False)
    most: int
    planned: int = 0


class CouponPlan(SQLModel, table=True):
    """Coupons locked for one live session, to be taken in its room."""

    __tablename__ = "coupon_plan"
    __table_args__ = (
        sa.CheckConstraint("taken BETWEEN 0 AND stock", name="taken_within_stock"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    template_id: str = columns.ref("commerce.coupon_template.id")
    live_id: str = columns.ref("commerce.shelf.live_id")
    merchant_id: str = columns.ref("commerce.merchant.id")
    host: str | None = columns.ref(null=True, index=False)
    stock: int
    taken: int = 0
    watch_s: int = 0
    opens_at: datetime = columns.moment()
    closes_at: datetime | None = columns.moment(null=True)
    state: PlanState = columns.choice(PlanState, "coupon_plan_state")


class Coupon(SQLModel, table=True):
    """One buyer's coupon; each buyer has one of a template at most."""

    __tablename__ = "coupon"
    __table_args__ = (
        sa.UniqueConstraint("template_id", "buyer"),
        sa.CheckConstraint(
            "(state = 'used') = (checkout_id IS NOT NULL)", name="used_in_a_checkout"
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    template_id: str = columns.ref("commerce.coupon_template.id", index=False)
    plan_id: str = columns.ref("commerce.coupon_plan.id")
    merchant_id: str = columns.ref(index=False)
    buyer: str = columns.ref()
    state: CouponState = columns.choice(CouponState, "coupon_state")
    taken_at: datetime = columns.moment()
    valid_until: datetime = columns.moment()
    checkout_id: str | None = columns.ref(null=True)
