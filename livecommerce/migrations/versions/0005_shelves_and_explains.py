"""Shelves and explains."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('shelf',
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('booking_id', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('hosted_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['live_id'], ['streams.live_session.id'], name=op.f('fk_shelf_live_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['commerce.merchant.id'], name=op.f('fk_shelf_merchant_id')),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_shelf')),
    schema='commerce'
    )
    op.create_index(op.f('ix_shelf_booking_id'), 'shelf', ['booking_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_shelf_merchant_id'), 'shelf', ['merchant_id'], unique=False, schema='commerce')
    op.create_table('card',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('prices', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'explaining', 'explained', name='card_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('explained_times', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("removed_at IS NULL OR state <> 'explaining'", name=op.f('ck_card_gone_is_silent')),
    sa.ForeignKeyConstraint(['live_id'], ['commerce.shelf.live_id'], name=op.f('fk_card_live_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['commerce.merchant.id'], name=op.f('fk_card_merchant_id')),
    sa.ForeignKeyConstraint(['product_id'], ['commerce.product.id'], name=op.f('fk_card_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card')),
    schema='commerce'
    )
    op.create_index(op.f('ix_card_live_id'), 'card', ['live_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_card_merchant_id'), 'card', ['merchant_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_card_product_id'), 'card', ['product_id'], unique=False, schema='commerce')
    op.create_index('uq_card_explaining', 'card', ['live_id'], unique=True, schema='commerce', postgresql_where=sa.text("state = 'explaining'"))
    op.create_index('uq_card_product', 'card', ['live_id', 'product_id'], unique=True, schema='commerce', postgresql_where=sa.text('removed_at IS NULL'))
    op.create_table('explain_segment',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('card_id', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_by', sa.Text(), nullable=False),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= started_at', name=op.f('ck_explain_segment_forward')),
    sa.ForeignKeyConstraint(['card_id'], ['commerce.card.id'], name=op.f('fk_explain_segment_card_id')),
    sa.ForeignKeyConstraint(['live_id'], ['commerce.shelf.live_id'], name=op.f('fk_explain_segment_live_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['commerce.merchant.id'], name=op.f('fk_explain_segment_merchant_id')),
    sa.ForeignKeyConstraint(['product_id'], ['commerce.product.id'], name=op.f('fk_explain_segment_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_explain_segment')),
    schema='commerce'
    )
    op.create_index(op.f('ix_explain_segment_card_id'), 'explain_segment', ['card_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_explain_segment_live_id'), 'explain_segment', ['live_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_explain_segment_merchant_id'), 'explain_segment', ['merchant_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_explain_segment_product_id'), 'explain_segment', ['product_id'], unique=False, schema='commerce')
    op.create_index('uq_explain_segment_open', 'explain_segment', ['live_id'], unique=True, schema='commerce', postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.drop_index('uq_explain_segment_open', table_name='explain_segment', schema='commerce', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index(op.f('ix_explain_segment_product_id'), table_name='explain_segment', schema='commerce')
    op.drop_index(op.f('ix_explain_segment_merchant_id'), table_name='explain_segment', schema='commerce')
    op.drop_index(op.f('ix_explain_segment_live_id'), table_name='explain_segment', schema='commerce')
    op.drop_index(op.f('ix_explain_segment_card_id'), table_name='explain_segment', schema='commerce')
    op.drop_table('explain_segment', schema='commerce')
    op.drop_index('uq_card_product', table_name='card', schema='commerce', postgresql_where=sa.text('removed_at IS NULL'))
    op.drop_index('uq_card_explaining', table_name='card', schema='commerce', postgresql_where=sa.text("state = 'explaining'"))
    op.drop_index(op.f('ix_card_product_id'), table_name='card', schema='commerce')
    op.drop_index(op.f('ix_card_merchant_id'), table_name='card', schema='commerce')
    op.drop_index(op.f('ix_card_live_id'), table_name='card', schema='commerce')
    op.drop_table('card', schema='commerce')
    op.drop_index(op.f('ix_shelf_merchant_id'), table_name='shelf', schema='commerce')
    op.drop_index(op.f('ix_shelf_booking_id'), table_name='shelf', schema='commerce')
    op.drop_table('shelf', schema='commerce')
