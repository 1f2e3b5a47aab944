"""Products, stock and holds."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('product',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('hs_code', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('fibre', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('customs_name', sa.Text(), nullable=False),
    sa.Column('customs_unit', sa.Text(), nullable=False),
    sa.Column('gmodel', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('pictures', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    schema='commerce'
    )
    op.create_index('ix_product_merchant', 'product', ['merchant_id', 'created_at', 'id'], unique=False, schema='commerce')
    op.create_table('variant',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('weight_g', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('length(sku) BETWEEN 1 AND 20', name=op.f('ck_variant_sku_fits_customs')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_variant_price_not_negative')),
    sa.CheckConstraint('weight_g > 0', name=op.f('ck_variant_weighs_something')),
    sa.ForeignKeyConstraint(['product_id'], ['commerce.product.id'], name=op.f('fk_variant_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variant')),
    sa.UniqueConstraint('merchant_id', 'sku', name=op.f('uq_variant_merchant_id_sku')),
    schema='commerce'
    )
    op.create_index(op.f('ix_variant_product_id'), 'variant', ['product_id'], unique=False, schema='commerce')
    op.create_table('hold',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('claim_key', sa.Text(), nullable=False),
    sa.Column('variant_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('buyer', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=True),
    sa.Column('card_id', sa.Text(), nullable=True),
    sa.Column('segment_id', sa.Text(), nullable=True),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('held', 'sold', 'lapsed', 'released', name='hold_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('hold_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checkout_id', sa.Text(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('count > 0', name=op.f('ck_hold_counts_something')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_hold_price_not_negative')),
    sa.ForeignKeyConstraint(['variant_id'], ['commerce.variant.id'], name=op.f('fk_hold_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hold')),
    sa.UniqueConstraint('claim_key', name=op.f('uq_hold_claim_key')),
    schema='commerce'
    )
    op.create_index('ix_hold_buyer', 'hold', ['buyer', 'variant_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_hold_checkout_id'), 'hold', ['checkout_id'], unique=False, schema='commerce')
    op.create_index('ix_hold_lapsing', 'hold', ['hold_until'], unique=False, schema='commerce', postgresql_where=sa.text("state = 'held' AND checkout_id IS NULL"))
    op.create_index(op.f('ix_hold_live_id'), 'hold', ['live_id'], unique=False, schema='commerce')
    op.create_table('stock',
    sa.Column('variant_id', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Text(), nullable=False),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('held', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('held BETWEEN 0 AND on_hand', name=op.f('ck_stock_held_within_on_hand')),
    sa.ForeignKeyConstraint(['product_id'], ['commerce.product.id'], name=op.f('fk_stock_product_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['commerce.variant.id'], name=op.f('fk_stock_variant_id')),
    sa.PrimaryKeyConstraint('variant_id', name=op.f('pk_stock')),
    schema='commerce',
    postgresql_with={'fillfactor': '50'}
    )
    op.create_index(op.f('ix_stock_product_id'), 'stock', ['product_id'], unique=False, schema='commerce')
    op.create_table('stock_journal',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('variant_id', sa.Text(), nullable=False),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('held', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Enum('received', 'counted', 'held', 'sold', 'lapsed', 'released', 'reclaimed', 'returned', name='stock_reason', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('on_hand <> 0 OR held <> 0', name=op.f('ck_stock_journal_moves_something')),
    sa.ForeignKeyConstraint(['variant_id'], ['commerce.variant.id'], name=op.f('fk_stock_journal_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_journal')),
    schema='commerce'
    )
    op.create_index('ix_stock_journal_variant', 'stock_journal', ['variant_id', 'id'], unique=False, schema='commerce')
    op.create_table('variant_price',
    sa.Column('variant_id', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_variant_price_price_not_negative')),
    sa.ForeignKeyConstraint(['variant_id'], ['commerce.variant.id'], name=op.f('fk_variant_price_variant_id')),
    sa.PrimaryKeyConstraint('variant_id', 'currency', name=op.f('pk_variant_price')),
    schema='commerce'
    )


def downgrade() -> None:
    op.drop_table('variant_price', schema='commerce')
    op.drop_index('ix_stock_journal_variant', table_name='stock_journal', schema='commerce')
    op.drop_table('stock_journal', schema='commerce')
    op.drop_index(op.f('ix_stock_product_id'), table_name='stock', schema='commerce')
    op.drop_table('stock', schema='commerce')
    op.drop_index(op.f('ix_hold_live_id'), table_name='hold', schema='commerce')
    op.drop_index('ix_hold_lapsing', table_name='hold', schema='commerce', postgresql_where=sa.text("state = 'held' AND checkout_id IS NULL"))
    op.drop_index(op.f('ix_hold_checkout_id'), table_name='hold', schema='commerce')
    op.drop_index('ix_hold_buyer', table_name='hold', schema='commerce')
    op.drop_table('hold', schema='commerce')
    op.drop_index(op.f('ix_variant_product_id'), table_name='variant', schema='commerce')
    op.drop_table('variant', schema='commerce')
    op.drop_index('ix_product_merchant', table_name='product', schema='commerce')
    op.drop_table('product', schema='commerce')
