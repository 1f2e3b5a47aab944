"""Offers: flash prices, coupons, auctions, draws, bundles, waitlists and what is asked for."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def kinds(name: str, *values: str) -> sa.Enum:
    """Text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def filled(
    kind: sa.types.TypeEngine[Any], *names: str, null: bool = False
) -> list[sa.Column[Any]]:
    """Columns of one kind."""
    return [sa.Column(name, kind, nullable=null) for name in names]


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    """The column names a row of another table."""
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def check(table: str, name: str, holds: str) -> sa.CheckConstraint:
    """What holds of every row."""
    return sa.CheckConstraint(holds, name=op.f(f"ck_{table}_{name}"))


def index(table: str, column: str) -> None:
    """One by which rows are looked up."""
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema="commerce")


def upgrade() -> None:

    op.create_table(
        "coupon_template",
        *filled(sa.Text(), "id", "merchant_id", "currency", "made_by"),
        *filled(postgresql.JSONB(), "title"),
        *filled(sa.BigInteger(), "off_minor", "most_minor", null=True),
        *filled(sa.Integer(), "percent", null=True),
        *filled(sa.BigInteger(), "least_minor"),
        *filled(sa.Integer(), "valid_hours", "stock", "planned"),
        *filled(MOMENT, "made_at"),
        check(
            "coupon_template", "one_kind_of_worth", "(off_minor IS NULL) <> (percent IS NULL)"
        ),
        check("coupon_template", "planned_within_stock", "planned BETWEEN 0 AND stock"),
        refers("coupon_template", "merchant_id", "commerce.merchant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_template")),
        schema="commerce",
    )
    index("coupon_template", "merchant_id")
    op.create_table(
        "follow",
        *filled(sa.Text(), "merchant_id", "viewer"),
        *filled(MOMENT, "since"),
        refers("follow", "merchant_id", "commerce.merchant.id"),
        sa.PrimaryKeyConstraint("merchant_id", "viewer", name=op.f("pk_follow")),
        schema="commerce",
    )
    op.create_table(
        "bundle_offer",
        *filled(sa.Text(), "id", "live_id", "merchant_id", "currency"),
        *filled(postgresql.JSONB(), "cards", "products"),
        *filled(sa.Integer(), "nth"),
        *filled(sa.Integer(), "percent", null=True),
        *filled(sa.BigInteger(), "off_minor", null=True),
        *filled(MOMENT, "set_at"),
        *filled(MOMENT, "ended_at", null=True),
        sa.Column("kind", kinds("bundle_kind", "second", "bundle"), nullable=False),
        check(
            "bundle_offer",
            "says_what_it_takes_off",
            "(kind = 'second') = (percent IS NOT NULL) AND (kind = 'bundle') = (off_minor IS NOT NULL)",
        ),
        refers("bundle_offer", "live_id", "commerce.shelf.live_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_offer")),
        schema="commerce",
    )
    index("bundle_offer", "live_id")
    op.create_table(
        "coupon_cap",
        *filled(sa.Text(), "template_id", "host", "merchant_id"),
        *filled(sa.Integer(), "most", "planned"),
        check("coupon_cap", "planned_within_cap", "planned BETWEEN 0 AND most"),
        refers("coupon_cap", "template_id", "commerce.coupon_template.id"),
        sa.PrimaryKeyConstraint("template_id", "host", name=op.f("pk_coupon_cap")),
        schema="commerce",
    )
    op.create_table(
        "coupon_plan",
        *filled(sa.Text(), "id", "template_id", "live_id", "merchant_id"),
        *filled(sa.Text(), "host", null=True),
        *filled(sa.Integer(), "stock", "taken", "watch_s"),
        *filled(MOMENT, "opens_at"),
        *filled(MOMENT, "closes_at", null=True),
        sa.Column("state", kinds("coupon_plan_state", "open", "closed"), nullable=False),
        check("coupon_plan", "taken_within_stock", "taken BETWEEN 0 AND stock"),
        refers("coupon_plan", "live_id", "commerce.shelf.live_id"),
        refers("coupon_plan", "merchant_id", "commerce.merchant.id"),
        refers("coupon_plan", "template_id", "commerce.coupon_template.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_plan")),
        schema="commerce",
    )
    index("coupon_plan", "live_id")
    index("coupon_plan", "merchant_id")
    index("coupon_plan", "template_id")
    op.create_table(
        "draw",
        *filled(sa.Text(), "id", "live_id", "merchant_id", "seed", "seed_hash"),
        *filled(postgresql.JSONB(), "prize"),
        *filled(sa.Integer(), "prizes", "watch_s"),
        *filled(MOMENT, "opens_at", "closes_at"),
        *filled(sa.Text(), "entries_hash", null=True),
        *filled(postgresql.JSONB(), "winners", null=True),
        sa.Column(
            "condition",
            kinds("draw_condition", "everyone", "comment", "follow", "watch"),
            nullable=False,
        ),
        sa.Column("state", kinds("draw_state", "open", "drawn"), nullable=False),
        refers("draw", "live_id", "commerce.shelf.live_id"),
        refers("draw", "merchant_id", "commerce.merchant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        schema="commerce",
    )
    index("draw", "live_id")
    index("draw", "merchant_id")
    op.create_index(
        "uq_draw_open",
        "draw",
        ["live_id"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "auction",
        *filled(
            sa.Text(),
            "id",
            "live_id",
            "merchant_id",
            "card_id",
            "variant_id",
            "currency",
            "announced_by",
        ),
        *filled(sa.BigInteger(), "opening_minor"),
        *filled(postgresql.JSONB(), "steps"),
        *filled(sa.Integer(), "lasts_s", "counter_s", "pay_within_s", "version", "bids"),
        *filled(sa.BigInteger(), "price_minor", "most_minor", null=True),
        *filled(sa.Text(), "leader", "leader_name", "hold_id", null=True),
        *filled(MOMENT, "announced_at"),
        *filled(MOMENT, "started_at", "ends_at", null=True),
        sa.Column(
            "state",
            kinds("auction_state", "announced", "running", "sold", "unsold", "dropped"),
            nullable=False,
        ),
        check("auction", "led_at_a_price", "(leader IS NULL) = (price_minor IS NULL)"),
        check("auction", "opens_above_nothing", "opening_minor > 0"),
        refers("auction", "card_id", "commerce.card.id"),
        refers("auction", "live_id", "commerce.shelf.live_id"),
        refers("auction", "merchant_id", "commerce.merchant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auction")),
        schema="commerce",
    )
    index("auction", "card_id")
    index("auction", "live_id")
    index("auction", "merchant_id")
    op.create_index(
        "uq_auction_running",
        "auction",
        ["live_id"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "card_price",
        *filled(sa.Text(), "card_id", "merchant_id", "variant_id", "currency"),
        *filled(sa.BigInteger(), "minor"),
        *filled(MOMENT, "at"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        refers("card_price", "card_id", "commerce.card.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_price")),
        schema="commerce",
    )
    op.create_index(
        "ix_card_price_variant", "card_price", ["variant_id", "at"], schema="commerce"
    )
    op.create_table(
        "coupon",
        *filled(sa.Text(), "id", "template_id", "plan_id", "merchant_id", "buyer"),
        *filled(MOMENT, "taken_at", "valid_until"),
        *filled(sa.Text(), "checkout_id", null=True),
        sa.Column("state", kinds("coupon_state", "taken", "used"), nullable=False),
        check("coupon", "used_in_a_checkout", "(state = 'used') = (checkout_id IS NOT NULL)"),
        refers("coupon", "plan_id", "commerce.coupon_plan.id"),
        refers("coupon", "template_id", "commerce.coupon_template.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("template_id", "buyer", name=op.f("uq_coupon_template_id_buyer")),
        schema="commerce",
    )
    index("coupon", "buyer")
    index("coupon", "checkout_id")
    index("coupon", "plan_id")
    op.create_table(
        "draw_entry",
        *filled(sa.Text(), "draw_id", "merchant_id", "viewer", "name"),
        *filled(MOMENT, "at"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        refers("draw_entry", "draw_id", "commerce.draw.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_entry")),
        sa.UniqueConstraint("draw_id", "viewer", name=op.f("uq_draw_entry_draw_id_viewer")),
        schema="commerce",
    )
    op.create_table(
        "flash",
        *filled(
            sa.Text(),
            "id",
            "live_id",
            "merchant_id",
            "card_id",
            "product_id",
            "currency",
            "set_by",
        ),
        *filled(postgresql.JSONB(), "prices", "basis"),
        *filled(sa.Integer(), "total", "per_buyer"),
        *filled(MOMENT, "opens_at", "closes_at", "set_at"),
        sa.Column("state", kinds("flash_state", "set", "over"), nullable=False),
        check("flash", "forward", "opens_at < closes_at"),
        check("flash", "limits_fit", "per_buyer BETWEEN 1 AND total"),
        refers("flash", "card_id", "commerce.card.id"),
        refers("flash", "live_id", "commerce.shelf.live_id"),
        refers("flash", "merchant_id", "commerce.merchant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flash")),
        schema="commerce",
    )
    index("flash", "live_id")
    index("flash", "merchant_id")
    op.create_index(
        "uq_flash_card",
        "flash",
        ["card_id"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("state = 'set'"),
    )
    op.create_table(
        "prize",
        *filled(sa.Text(), "id", "draw_id", "live_id", "merchant_id", "winner", "name"),
        *filled(MOMENT, "claim_by"),
        *filled(postgresql.JSONB(), "address", null=True),
        sa.Column("state", kinds("prize_state", "won", "claimed", "lapsed"), nullable=False),
        refers("prize", "draw_id", "commerce.draw.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prize")),
        sa.UniqueConstraint("draw_id", "winner", name=op.f("uq_prize_draw_id_winner")),
        schema="commerce",
    )
    index("prize", "live_id")
    index("prize", "winner")
    op.create_table(
        "product_wish",
        *filled(sa.Text(), "card_id", "viewer", "live_id", "merchant_id"),
        *filled(MOMENT, "asked_at"),
        *filled(MOMENT, "met_at", null=True),
        refers("product_wish", "card_id", "commerce.card.id"),
        sa.PrimaryKeyConstraint("card_id", "viewer", name=op.f("pk_product_wish")),
        schema="commerce",
    )
    op.create_index(
        "ix_product_wish_open",
        "product_wish",
        ["live_id"],
        schema="commerce",
        postgresql_where=sa.text("met_at IS NULL"),
    )
    op.create_table(
        "waitlist_place",
        *filled(sa.Text(), "id", "live_id", "card_id", "variant_id", "merchant_id", "buyer"),
        *filled(MOMENT, "joined_at"),
        *filled(MOMENT, "served_at", null=True),
        *filled(sa.Text(), "hold_id", null=True),
        sa.Column(
            "state", kinds("waitlist_place_state", "waiting", "served", "left"), nullable=False
        ),
        refers("waitlist_place", "card_id", "commerce.card.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_place")),
        schema="commerce",
    )
    index("waitlist_place", "buyer")
    op.create_index(
        "uq_waitlist_place_waiting",
        "waitlist_place",
        ["variant_id", "buyer"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "auction_bid",
        *filled(sa.Text(), "auction_id", "merchant_id", "bidder", "name"),
        *filled(sa.BigInteger(), "most_minor"),
        *filled(sa.BigInteger(), "price_minor", null=True),
        *filled(MOMENT, "at"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        refers("auction_bid", "auction_id", "commerce.auction.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auction_bid")),
        schema="commerce",
    )
    op.create_index(
        "ix_auction_bid_auction", "auction_bid", ["auction_id", "id"], schema="commerce"
    )
    op.add_column("hold", sa.Column("offer_id", sa.Text(), nullable=True), schema="commerce")
    op.add_column(
        "hold", sa.Column("normal_minor", sa.BigInteger(), nullable=True), schema="commerce"
    )
    op.create_index(
        "ix_hold_offer",
        "hold",
        ["offer_id", "buyer"],
        schema="commerce",
        postgresql_where=sa.text("offer_id IS NOT NULL"),
    )
    op.add_column(
        "order_line",
        sa.Column("offers", postgresql.JSONB(), nullable=False, server_default="[]"),
        schema="commerce",
    )

    op.create_check_constraint(
        op.f("ck_hold_offer_says_what_was_normal"),
        "hold",
        "(offer_id IS NULL) = (normal_minor IS NULL)",
        schema="commerce",
    )
    op.alter_column("order_line", "offers", server_default=None, schema="commerce")
    op.execute(
        "INSERT INTO commerce.card_price (card_id, merchant_id, variant_id, currency, minor, at)"
        " SELECT c.id, c.merchant_id, p.key, c.currency, cast(p.value AS bigint), c.added_at"
        " FROM commerce.card c, jsonb_each_text(c.prices) p"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_hold_offer_says_what_was_normal"), "hold", schema="commerce")
    op.drop_index("ix_hold_offer", "hold", schema="commerce")
    for table, column in (
        ("order_line", "offers"),
        ("hold", "normal_minor"),
        ("hold", "offer_id"),
    ):
        op.drop_column(table, column, schema="commerce")
    for table in [
        "auction_bid",
        "waitlist_place",
        "product_wish",
        "prize",
        "flash",
        "draw_entry",
        "coupon",
        "card_price",
        "auction",
        "draw",
        "coupon_plan",
        "coupon_cap",
        "bundle_offer",
        "follow",
        "coupon_template",
    ]:
        op.drop_table(table, schema="commerce")
