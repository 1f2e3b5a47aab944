"""Quotes and declarations."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('declaration',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('consignment', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('carrier_code', sa.Text(), nullable=False),
    sa.Column('tracking', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'matched', 'sent', 'accepted', 'rejected', 'in_review', 'inspection', 'suspended', 'released', 'closed', 'cancelled', name='declaration_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('desk', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('differences', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('inventory_number', sa.Text(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declaration')),
    sa.UniqueConstraint('consignment', name=op.f('uq_declaration_consignment')),
    schema='commerce'
    )
    op.create_index(op.f('ix_declaration_merchant_id'), 'declaration', ['merchant_id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_declaration_order_id'), 'declaration', ['order_id'], unique=False, schema='commerce')
    op.create_index('ix_declaration_waybill', 'declaration', ['carrier_code', 'tracking'], unique=False, schema='commerce')
    op.create_table('quote',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('buyer', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('seal', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('expires_at > made_at', name=op.f('ck_quote_expires_after_made')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quote')),
    schema='commerce'
    )
    op.create_index(op.f('ix_quote_buyer'), 'quote', ['buyer'], unique=False, schema='commerce')
    op.create_table('declaration_message',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('declaration_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('303', '403', '505', '603', '605', name='declaration_message_kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('business_key', sa.Text(), nullable=False),
    sa.Column('guid', sa.Text(), nullable=False),
    sa.Column('app_type', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('xml', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'matched', 'sent', 'accepted', 'rejected', 'in_review', 'inspection', 'suspended', 'released', 'closed', name='declaration_message_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('info', sa.Text(), nullable=True),
    sa.Column('floor', sa.Text(), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['declaration_id'], ['commerce.declaration.id'], name=op.f('fk_declaration_message_declaration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declaration_message')),
    sa.UniqueConstraint('declaration_id', 'kind', 'attempt', name=op.f('uq_declaration_message_declaration_id_kind_attempt')),
    sa.UniqueConstraint('guid', name=op.f('uq_declaration_message_guid')),
    schema='commerce'
    )
    op.create_index('ix_declaration_message_business_key', 'declaration_message', ['kind', 'business_key'], unique=False, schema='commerce')
    op.create_index(op.f('ix_declaration_message_declaration_id'), 'declaration_message', ['declaration_id'], unique=False, schema='commerce')
    op.create_table('customs_receipt',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('root', sa.Text(), nullable=False),
    sa.Column('business_key', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('return_time', sa.Text(), nullable=False),
    sa.Column('info', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['commerce.declaration_message.id'], name=op.f('fk_customs_receipt_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customs_receipt')),
    sa.UniqueConstraint('root', 'business_key', 'status', 'return_time', name=op.f('uq_customs_receipt_root_business_key_status_return_time')),
    schema='commerce'
    )
    op.create_index(op.f('ix_customs_receipt_message_id'), 'customs_receipt', ['message_id'], unique=False, schema='commerce')


def downgrade() -> None:
    op.drop_index(op.f('ix_customs_receipt_message_id'), table_name='customs_receipt', schema='commerce')
    op.drop_table('customs_receipt', schema='commerce')
    op.drop_index(op.f('ix_declaration_message_declaration_id'), table_name='declaration_message', schema='commerce')
    op.drop_index('ix_declaration_message_business_key', table_name='declaration_message', schema='commerce')
    op.drop_table('declaration_message', schema='commerce')
    op.drop_index(op.f('ix_quote_buyer'), table_name='quote', schema='commerce')
    op.drop_table('quote', schema='commerce')
    op.drop_index('ix_declaration_waybill', table_name='declaration', schema='commerce')
    op.drop_index(op.f('ix_declaration_order_id'), table_name='declaration', schema='commerce')
    op.drop_index(op.f('ix_declaration_merchant_id'), table_name='declaration', schema='commerce')
    op.drop_table('declaration', schema='commerce')
