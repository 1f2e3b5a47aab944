"""Payments and the ledger."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inbox',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('understood_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('source', 'event_id', name=op.f('uq_inbox_source_event_id')),
    schema='payments'
    )
    op.create_table('ledger_account',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('normal_side', sa.SmallInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('A', 'L', 'R', 'E', 'X')", name=op.f('ck_ledger_account_kind')),
    sa.CheckConstraint('normal_side IN (1, -1)', name=op.f('ck_ledger_account_normal_side')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_account')),
    sa.UniqueConstraint('code', 'currency', 'owner', name=op.f('uq_ledger_account_code_currency_owner'), postgresql_nulls_not_distinct=True),
    sa.UniqueConstraint('id', 'currency', name=op.f('uq_ledger_account_id_currency')),
    schema='payments'
    )
    op.create_table('ledger_posting',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('memo', sa.Text(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry_count', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('entry_count >= 2', name=op.f('ck_ledger_posting_entry_count')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_posting')),
    sa.UniqueConstraint('source', 'kind', name=op.f('uq_ledger_posting_source_kind')),
    schema='payments'
    )
    op.create_table('payment',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('wanted', 'asked', 'open', 'processing', 'captured', 'cancelled', 'refused', name='payment_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.Column('client_secret', sa.Text(), nullable=True),
    sa.Column('charge', sa.Text(), nullable=True),
    sa.Column('balance_transaction', sa.Text(), nullable=True),
    sa.Column('captured_minor', sa.BigInteger(), nullable=False),
    sa.Column('refund_minor', sa.BigInteger(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('captured_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_amount')),
    sa.CheckConstraint('refund_minor BETWEEN 0 AND captured_minor', name=op.f('ck_payment_refunds')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('provider_id', name=op.f('uq_payment_provider_id')),
    sa.UniqueConstraint('reference', 'attempt', name=op.f('uq_payment_reference_attempt')),
    schema='payments'
    )
    op.create_index('ix_payment_waiting', 'payment', ['recorded_at'], unique=False, schema='payments', postgresql_where=sa.text("state IN ('wanted', 'asked')"))
    op.create_index('uq_payment_live', 'payment', ['reference'], unique=True, schema='payments', postgresql_where=sa.text("state IN ('asked', 'open', 'processing', 'wanted')"))
    op.create_table('ledger_entry',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('posting_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_ledger_entry_amount')),
    sa.ForeignKeyConstraint(['account_id', 'currency'], ['payments.ledger_account.id', 'payments.ledger_account.currency'], name=op.f('fk_ledger_entry_account_id_currency')),
    sa.ForeignKeyConstraint(['posting_id'], ['payments.ledger_posting.id'], name=op.f('fk_ledger_entry_posting_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    schema='payments'
    )
    op.create_index('ix_ledger_entry_account', 'ledger_entry', ['account_id', 'id'], unique=False, schema='payments', postgresql_include=['amount_minor'])
    op.create_index(op.f('ix_ledger_entry_posting_id'), 'ledger_entry', ['posting_id'], unique=False, schema='payments')
    op.create_table('refund',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('wanted', 'asked', 'pending', 'settled', 'failed', name='refund_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refund_amount')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.payment.id'], name=op.f('fk_refund_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('key', name=op.f('uq_refund_key')),
    sa.UniqueConstraint('provider_id', name=op.f('uq_refund_provider_id')),
    schema='payments'
    )
    op.create_index(op.f('ix_refund_payment_id'), 'refund', ['payment_id'], unique=False, schema='payments')
    op.create_index(op.f('ix_refund_reference'), 'refund', ['reference'], unique=False, schema='payments')
    op.create_index('ix_refund_waiting', 'refund', ['requested_at'], unique=False, schema='payments', postgresql_where=sa.text("state IN ('wanted', 'asked')"))


def downgrade() -> None:
    op.drop_index('ix_refund_waiting', table_name='refund', schema='payments', postgresql_where=sa.text("state IN ('wanted', 'asked')"))
    op.drop_index(op.f('ix_refund_reference'), table_name='refund', schema='payments')
    op.drop_index(op.f('ix_refund_payment_id'), table_name='refund', schema='payments')
    op.drop_table('refund', schema='payments')
    op.drop_index(op.f('ix_ledger_entry_posting_id'), table_name='ledger_entry', schema='payments')
    op.drop_index('ix_ledger_entry_account', table_name='ledger_entry', schema='payments', postgresql_include=['amount_minor'])
    op.drop_table('ledger_entry', schema='payments')
    op.drop_index('uq_payment_live', table_name='payment', schema='payments', postgresql_where=sa.text("state IN ('asked', 'open', 'processing', 'wanted')"))
    op.drop_index('ix_payment_waiting', table_name='payment', schema='payments', postgresql_where=sa.text("state IN ('wanted', 'asked')"))
    op.drop_table('payment', schema='payments')
    op.drop_table('ledger_posting', schema='payments')
    op.drop_table('ledger_account', schema='payments')
    op.drop_table('inbox', schema='payments')
