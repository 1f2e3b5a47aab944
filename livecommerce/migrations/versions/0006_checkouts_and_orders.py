"""Checkouts and orders."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('checkout',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('buyer', sa.Text(), nullable=False),
    sa.Column('quote_id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('placed', 'awaiting_payment', 'cancelling', 'paid', 'cancelled', 'late_refunded', name='checkout_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('quote', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.Text(), nullable=True),
    sa.Column('pay_within_s', sa.Integer(), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('look_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('pay_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('total_minor > 0', name=op.f('ck_checkout_costs_something')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout')),
    sa.UniqueConstraint('quote_id', name=op.f('uq_checkout_quote_id')),
    schema='commerce'
    )
    op.create_index(op.f('ix_checkout_buyer'), 'checkout', ['buyer'], unique=False, schema='commerce')
    op.create_index('ix_checkout_due', 'checkout', ['look_at'], unique=False, schema='commerce', postgresql_where=sa.text("state IN ('awaiting_payment', 'cancelling', 'placed')"))
    op.create_index(op.f('ix_checkout_live_id'), 'checkout', ['live_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_checkout_payment_id'), 'checkout', ['payment_id'], unique=False, schema='commerce')
    op.create_table('order',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('checkout_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('buyer', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('placed', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded', name='order_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('goods_minor', sa.BigInteger(), nullable=False),
    sa.Column('shipping_minor', sa.BigInteger(), nullable=False),
    sa.Column('duty_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('fees_minor', sa.BigInteger(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), nullable=False),
    sa.Column('commission_bps', sa.Integer(), nullable=False),
    sa.Column('terms', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('rules', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('seller', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('shipped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('goods_minor + shipping_minor + duty_minor + tax_minor + fees_minor = total_minor AND least(goods_minor, shipping_minor, duty_minor, tax_minor, fees_minor) >= 0', name=op.f('ck_order_adds_up')),
    sa.CheckConstraint('refunded_minor BETWEEN 0 AND total_minor', name=op.f('ck_order_refunds_fit')),
    sa.ForeignKeyConstraint(['checkout_id'], ['commerce.checkout.id'], name=op.f('fk_order_checkout_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order')),
    sa.UniqueConstraint('checkout_id', 'merchant_id', name=op.f('uq_order_checkout_id_merchant_id')),
    schema='commerce'
    )
    op.create_index('ix_order_buyer', 'order', ['buyer', 'placed_at', 'id'], unique=False, schema='commerce')
    op.create_index('ix_order_live', 'order', ['live_id', 'placed_at', 'id'], unique=False, schema='commerce')
    op.create_index('ix_order_merchant', 'order', ['merchant_id', 'placed_at', 'id'], unique=False, schema='commerce')
    op.create_index('ix_order_newest', 'order', ['placed_at', 'id'], unique=False, schema='commerce')
    op.create_table('consignment',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('tracking', sa.Text(), nullable=False),
    sa.Column('weight_g', sa.Integer(), nullable=False),
    sa.Column('declaration_id', sa.Text(), nullable=True),
    sa.Column('shipped_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('weight_g > 0', name=op.f('ck_consignment_weighs_something')),
    sa.ForeignKeyConstraint(['order_id'], ['commerce.order.id'], name=op.f('fk_consignment_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment')),
    schema='commerce'
    )
    op.create_index(op.f('ix_consignment_declaration_id'), 'consignment', ['declaration_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_consignment_order_id'), 'consignment', ['order_id'], unique=False, schema='commerce')
    op.create_table('order_refund',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('refund_id', sa.Text(), nullable=False),
    sa.Column('asked_key', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('parts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('wanted', 'settled', 'failed', name='order_refund_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_order_refund_gives_something')),
    sa.ForeignKeyConstraint(['order_id'], ['commerce.order.id'], name=op.f('fk_order_refund_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_refund')),
    sa.UniqueConstraint('order_id', 'asked_key', name=op.f('uq_order_refund_order_id_asked_key')),
    schema='commerce'
    )
    op.create_index(op.f('ix_order_refund_order_id'), 'order_refund', ['order_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_order_refund_refund_id'), 'order_refund', ['refund_id'], unique=False, schema='commerce')
    op.create_table('order_line',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('hold_id', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Text(), nullable=False),
    sa.Column('variant_id', sa.Text(), nullable=False),
    sa.Column('card_id', sa.Text(), nullable=True),
    sa.Column('segment_id', sa.Text(), nullable=True),
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('weight_g', sa.Integer(), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('unit_price_currency', sa.Text(), nullable=False),
    sa.Column('goods_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('snapshot', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('count > 0', name=op.f('ck_order_line_counts_something')),
    sa.ForeignKeyConstraint(['hold_id'], ['commerce.hold.id'], name=op.f('fk_order_line_hold_id')),
    sa.ForeignKeyConstraint(['order_id'], ['commerce.order.id'], name=op.f('fk_order_line_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line')),
    sa.UniqueConstraint('hold_id', name=op.f('uq_order_line_hold_id')),
    schema='commerce'
    )
    op.create_index(op.f('ix_order_line_order_id'), 'order_line', ['order_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_order_line_segment_id'), 'order_line', ['segment_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_order_line_variant_id'), 'order_line', ['variant_id'], unique=False, schema='commerce')


def downgrade() -> None:
    op.drop_index(op.f('ix_order_line_variant_id'), table_name='order_line', schema='commerce')
    op.drop_index(op.f('ix_order_line_segment_id'), table_name='order_line', schema='commerce')
    op.drop_index(op.f('ix_order_line_order_id'), table_name='order_line', schema='commerce')
    op.drop_table('order_line', schema='commerce')
    op.drop_index(op.f('ix_order_refund_refund_id'), table_name='order_refund', schema='commerce')
    op.drop_index(op.f('ix_order_refund_order_id'), table_name='order_refund', schema='commerce')
    op.drop_table('order_refund', schema='commerce')
    op.drop_index(op.f('ix_consignment_order_id'), table_name='consignment', schema='commerce')
    op.drop_index(op.f('ix_consignment_declaration_id'), table_name='consignment', schema='commerce')
    op.drop_table('consignment', schema='commerce')
    op.drop_index('ix_order_newest', table_name='order', schema='commerce')
    op.drop_index('ix_order_merchant', table_name='order', schema='commerce')
    op.drop_index('ix_order_live', table_name='order', schema='commerce')
    op.drop_index('ix_order_buyer', table_name='order', schema='commerce')
    op.drop_table('order', schema='commerce')
    op.drop_index(op.f('ix_checkout_payment_id'), table_name='checkout', schema='commerce')
    op.drop_index(op.f('ix_checkout_live_id'), table_name='checkout', schema='commerce')
    op.drop_index('ix_checkout_due', table_name='checkout', schema='commerce', postgresql_where=sa.text("state IN ('awaiting_payment', 'cancelling', 'placed')"))
    op.drop_index(op.f('ix_checkout_buyer'), table_name='checkout', schema='commerce')
    op.drop_table('checkout', schema='commerce')
