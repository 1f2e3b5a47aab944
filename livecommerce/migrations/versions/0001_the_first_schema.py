"""The first schema."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


# What no table definition says: append-only journals, frozen rows, balanced books.
RULES = (
    """\
CREATE OR REPLACE FUNCTION commerce.audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'restrict_violation';
END $$
""",
    """\
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commerce.audit
FOR EACH STATEMENT EXECUTE FUNCTION commerce.audit_is_append_only()
""",
    """\
CREATE OR REPLACE FUNCTION commerce.quote_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a quote never changes' USING ERRCODE = 'restrict_violation';
END $$
""",
    """\
CREATE OR REPLACE TRIGGER quote_is_frozen BEFORE UPDATE ON commerce.quote
  FOR EACH ROW EXECUTE FUNCTION commerce.quote_is_frozen()
""",
    """\
CREATE FUNCTION payments.ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE posting bigint; wanted int; found int;
BEGIN
  IF TG_TABLE_NAME = 'ledger_posting' THEN posting := NEW.id;
  ELSE posting := NEW.posting_id; END IF;
  IF EXISTS (SELECT FROM payments.ledger_entry WHERE posting_id = posting
             GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'posting % is not balanced', posting USING ERRCODE = 'check_violation';
  END IF;
  SELECT p.entry_count, (SELECT count(*) FROM payments.ledger_entry e WHERE e.posting_id = p.id)
    INTO wanted, found FROM payments.ledger_posting p WHERE p.id = posting;
  IF wanted <> found THEN
    RAISE EXCEPTION 'posting % has % entries instead of %', posting, found, wanted
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
""",
    """\
CREATE FUNCTION payments.ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %: the ledger is only ever added to', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$
""",
    """\
CREATE CONSTRAINT TRIGGER ledger_posting_balanced AFTER INSERT ON payments.ledger_posting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.ledger_balanced()
""",
    """\
CREATE CONSTRAINT TRIGGER ledger_entry_balanced AFTER INSERT ON payments.ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.ledger_balanced()
""",
    """\
CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.ledger_posting
  FOR EACH STATEMENT EXECUTE FUNCTION payments.ledger_is_append_only()
""",
    """\
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION payments.ledger_is_append_only()
""",
    """\
CREATE TRIGGER ledger_account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION payments.ledger_is_append_only()
""",
    """\
CREATE FUNCTION commerce.stock_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  RAISE EXCEPTION 'the stock journal is append-only' USING ERRCODE = 'restrict_violation';
END $$
""",
    """\
CREATE TRIGGER stock_journal_is_append_only
  BEFORE UPDATE OR DELETE ON commerce.stock_journal
  FOR EACH STATEMENT EXECUTE FUNCTION commerce.stock_journal_is_append_only()
""",
    """\
CREATE OR REPLACE FUNCTION commerce.customs_receipt_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a customs answer is kept as it came' USING ERRCODE = 'restrict_violation';
END $$
""",
    """\
CREATE OR REPLACE TRIGGER customs_receipt_is_kept BEFORE UPDATE OR DELETE
  ON commerce.customs_receipt
  FOR EACH ROW EXECUTE FUNCTION commerce.customs_receipt_is_kept()
""",
)


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit')),
    schema='commerce'
    )
    op.create_index('ix_audit_by_at', 'audit', ['by', 'at'], unique=False, schema='commerce')
    op.create_index('ix_audit_subject_at', 'audit', ['subject', 'at'], unique=False, schema='commerce')
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
    op.create_table('idempotent_answer',
    sa.Column('principal', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('route', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('principal', 'key', 'route', name=op.f('pk_idempotent_answer')),
    schema='commerce'
    )
    op.create_index(op.f('ix_idempotent_answer_expires_at'), 'idempotent_answer', ['expires_at'], unique=False, schema='commerce')
    op.create_table('merchant',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('legal_name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('uscc', sa.Text(), nullable=False),
    sa.Column('customs_code', sa.Text(), nullable=False),
    sa.Column('licence', sa.Text(), nullable=False),
    sa.Column('address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('contact', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('avatar', sa.Text(), nullable=True),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("customs_code ~ '^[0-9A-Z]{10}$'", name=op.f('ck_merchant_customs_code')),
    sa.CheckConstraint('length(uscc) = 18', name=op.f('ck_merchant_uscc')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant')),
    sa.UniqueConstraint('slug', name=op.f('uq_merchant_slug')),
    sa.UniqueConstraint('uscc', name=op.f('uq_merchant_uscc')),
    schema='commerce'
    )
    op.create_table('person',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("locale IN ('zh-CN', 'en')", name=op.f('ck_person_locale')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_person_email_lower')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email')),
    schema='commerce'
    )
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
    op.create_table('resource_class',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('studio', 'equipment', 'crew', name='resource_class_kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('set_up_minutes', sa.Integer(), nullable=False),
    sa.Column('tear_down_minutes', sa.Integer(), nullable=False),
    sa.Column('always_open', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('set_up_minutes BETWEEN 0 AND 240', name=op.f('ck_resource_class_set_up')),
    sa.CheckConstraint('tear_down_minutes BETWEEN 0 AND 240', name=op.f('ck_resource_class_tear_down')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_resource_class')),
    schema='commerce'
    )
    op.create_table('sign_in_try',
    sa.Column('bucket', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('bucket', name=op.f('pk_sign_in_try')),
    schema='commerce'
    )
    op.create_index(op.f('ix_sign_in_try_since'), 'sign_in_try', ['since'], unique=False, schema='commerce')
    op.create_table('job',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('outbox_id', sa.BigInteger(), nullable=False),
    sa.Column('listener', sa.Text(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('outbox_id', 'listener', name=op.f('uq_job_outbox_id_listener')),
    schema='kernel'
    )
    op.create_index('ix_job_due', 'job', ['run_at', 'id'], unique=False, schema='kernel', postgresql_where=sa.text('done_at IS NULL AND parked_at IS NULL'))
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    schema='kernel'
    )
    op.create_index('ix_outbox_untold', 'outbox', [sa.literal_column('due_at NULLS FIRST'), 'id'], unique=False, schema='kernel', postgresql_where=sa.text('told_at IS NULL AND parked_at IS NULL'))
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
    op.create_table('chat_message',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('speaker', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('badge', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_by', sa.Text(), nullable=True),
    sa.CheckConstraint('length(text) BETWEEN 1 AND 1000', name=op.f('ck_chat_message_text_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_message')),
    schema='streams'
    )
    op.create_index('ix_chat_message_live_id_id', 'chat_message', ['live_id', 'id'], unique=False, schema='streams')
    op.create_index(op.f('ix_chat_message_speaker'), 'chat_message', ['speaker'], unique=False, schema='streams')
    op.create_table('chat_mute',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=True),
    sa.Column('speaker', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('muted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('muted_by', sa.Text(), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_by', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_mute')),
    schema='streams'
    )
    op.create_index(op.f('ix_chat_mute_live_id'), 'chat_mute', ['live_id'], unique=False, schema='streams')
    op.create_index('uq_chat_mute_standing', 'chat_mute', ['speaker', sa.literal_column("coalesce(live_id, '')")], unique=True, schema='streams', postgresql_where=sa.text('lifted_at IS NULL'))
    op.create_table('live_session',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('host_reference', sa.Text(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('draft', 'scheduled', 'ready', 'live', 'paused', 'interrupted', 'ended', 'archived', 'cancelled', name='live_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('rehearsal', sa.Boolean(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clearance', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_live_session_slot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_live_session')),
    schema='streams'
    )
    op.create_index(op.f('ix_live_session_host_reference'), 'live_session', ['host_reference'], unique=False, schema='streams')
    op.create_index(op.f('ix_live_session_reference'), 'live_session', ['reference'], unique=False, schema='streams')
    op.create_index('ix_live_session_state', 'live_session', ['state', 'starts_at', 'id'], unique=False, schema='streams')
    op.create_index('uq_live_session_reference', 'live_session', ['reference'], unique=True, schema='streams', postgresql_where=sa.text("state <> 'cancelled' AND NOT rehearsal"))
    op.create_table('api_key',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('secret_hash', sa.Text(), nullable=False),
    sa.Column('ends_with', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=True),
    sa.Column('scopes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['commerce.person.id'], name=op.f('fk_api_key_made_by')),
    sa.ForeignKeyConstraint(['merchant_id'], ['commerce.merchant.id'], name=op.f('fk_api_key_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_key')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_api_key_secret_hash')),
    schema='commerce'
    )
    op.create_index(op.f('ix_api_key_merchant_id'), 'api_key', ['merchant_id'], unique=False, schema='commerce')
    op.create_table('booking',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('held', 'confirmed', 'checked_in', 'done', 'expired', 'cancelled', 'no_show', name='booking_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('booked_by', sa.Text(), nullable=False),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'held') <= (expires_at IS NOT NULL)", name=op.f('ck_booking_held_expires')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_booking_period')),
    sa.ForeignKeyConstraint(['merchant_id'], ['commerce.merchant.id'], name=op.f('fk_booking_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking')),
    schema='commerce'
    )
    op.create_index('ix_booking_merchant_id_starts_at_id', 'booking', ['merchant_id', 'starts_at', 'id'], unique=False, schema='commerce')
    op.create_index(op.f('ix_booking_starts_at'), 'booking', ['starts_at'], unique=False, schema='commerce')
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
    op.create_table('guest_merge',
    sa.Column('guest_id', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['commerce.person.id'], name=op.f('fk_guest_merge_person_id')),
    sa.PrimaryKeyConstraint('guest_id', name=op.f('pk_guest_merge')),
    schema='commerce'
    )
    op.create_index(op.f('ix_guest_merge_person_id'), 'guest_merge', ['person_id'], unique=False, schema='commerce')
    op.create_table('membership',
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Text(), nullable=False),
    sa.Column('role', sa.Enum('owner', 'host', 'assistant', 'moderator', 'finance', name='merchant_role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['commerce.merchant.id'], name=op.f('fk_membership_merchant_id')),
    sa.ForeignKeyConstraint(['person_id'], ['commerce.person.id'], name=op.f('fk_membership_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'merchant_id', 'role', name=op.f('pk_membership')),
    schema='commerce'
    )
    op.create_index('ix_membership_merchant_id', 'membership', ['merchant_id'], unique=False, schema='commerce')
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
    op.create_table('resource',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('studio', 'equipment', 'crew', name='resource_kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('class_key', sa.Text(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('picture', sa.Text(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['class_key'], ['commerce.resource_class.key'], name=op.f('fk_resource_class_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resource')),
    sa.UniqueConstraint('slug', name=op.f('uq_resource_slug')),
    schema='commerce'
    )
    op.create_index(op.f('ix_resource_class_key'), 'resource', ['class_key'], unique=False, schema='commerce')
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
    op.create_table('signed_in',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['commerce.person.id'], name=op.f('fk_signed_in_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_signed_in')),
    schema='commerce'
    )
    op.create_index(op.f('ix_signed_in_expires_at'), 'signed_in', ['expires_at'], unique=False, schema='commerce')
    op.create_index(op.f('ix_signed_in_person_id'), 'signed_in', ['person_id'], unique=False, schema='commerce')
    op.create_table('staff_duty',
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('role', sa.Enum('operator', 'scheduler', 'finance', 'compliance', 'admin', name='staff_role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['commerce.person.id'], name=op.f('fk_staff_duty_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'role', name=op.f('pk_staff_duty')),
    schema='commerce'
    )
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
    op.create_table('ingest',
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('idle', 'live', 'interrupted', 'ended', name='ingest_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key_hash', sa.Text(), nullable=False),
    sa.Column('key_tail', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('server', sa.Text(), nullable=True),
    sa.Column('server_epoch', sa.Text(), nullable=True),
    sa.Column('client_id', sa.Text(), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bytes_in', sa.BigInteger(), nullable=False),
    sa.Column('refusal', sa.Enum('ok', 'unknown', 'wrong_key', 'early', 'late', 'not_cleared', 'over', 'second', name='ingest_refusal', native_enum=False, length=32), nullable=True),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state <> 'live' OR client_id IS NOT NULL", name=op.f('ck_ingest_publisher')),
    sa.CheckConstraint('valid_from < valid_to', name=op.f('ck_ingest_window')),
    sa.ForeignKeyConstraint(['live_id'], ['streams.live_session.id'], name=op.f('fk_ingest_live_id')),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_ingest')),
    schema='streams'
    )
    op.create_index('ix_ingest_live', 'ingest', ['server'], unique=False, schema='streams', postgresql_where=sa.text("state = 'live'"))
    op.create_table('publication',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('server', sa.Text(), nullable=False),
    sa.Column('server_epoch', sa.Text(), nullable=True),
    sa.Column('client_id', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['live_id'], ['streams.live_session.id'], name=op.f('fk_publication_live_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publication')),
    schema='streams'
    )
    op.create_index(op.f('ix_publication_live_id'), 'publication', ['live_id'], unique=False, schema='streams')
    op.create_index('ix_publication_publisher', 'publication', ['server', 'client_id', 'started_at'], unique=False, schema='streams')
    op.create_table('replay',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('building', 'ready', 'failed', name='replay_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('duration_ms', sa.BigInteger(), nullable=False),
    sa.Column('timeline', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['live_id'], ['streams.live_session.id'], name=op.f('fk_replay_live_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replay')),
    sa.UniqueConstraint('live_id', name=op.f('uq_replay_live_id')),
    schema='streams'
    )
    op.create_table('allocation',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('booking_id', sa.Text(), nullable=True),
    sa.Column('resource_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('use', 'block', name='allocation_kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('on_air', postgresql.TSTZRANGE(), nullable=True),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('status', sa.Enum('held', 'confirmed', 'cancelled', 'superseded', 'expired', name='allocation_status', native_enum=False, create_constraint=True, length=32), nullable=False),
    postgresql.ExcludeConstraint((sa.column('resource_id'), '='), (sa.column('during'), '&&'), where=sa.text("status IN ('held', 'confirmed')"), using='gist', name='ex_allocation_no_overlap'),
    sa.CheckConstraint("(kind = 'use') = (booking_id IS NOT NULL)", name=op.f('ck_allocation_use_is_booked')),
    sa.CheckConstraint('NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)', name=op.f('ck_allocation_range')),
    sa.ForeignKeyConstraint(['booking_id'], ['commerce.booking.id'], name=op.f('fk_allocation_booking_id')),
    sa.ForeignKeyConstraint(['resource_id'], ['commerce.resource.id'], name=op.f('fk_allocation_resource_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation')),
    schema='commerce'
    )
    op.create_index(op.f('ix_allocation_booking_id'), 'allocation', ['booking_id'], unique=False, schema='commerce')
    op.create_index('ix_allocation_during', 'allocation', ['during'], unique=False, schema='commerce', postgresql_using='gist', postgresql_where=sa.text("status IN ('held', 'confirmed')"))
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
    op.create_table('opening',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('resource_id', sa.Text(), nullable=False),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    postgresql.ExcludeConstraint((sa.column('resource_id'), '='), (sa.column('during'), '&&'), using='gist', name='ex_opening_no_overlap'),
    sa.CheckConstraint('NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)', name=op.f('ck_opening_range')),
    sa.ForeignKeyConstraint(['resource_id'], ['commerce.resource.id'], name=op.f('fk_opening_resource_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening')),
    schema='commerce'
    )
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
    op.create_table('recording_part',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('live_id', sa.Text(), nullable=False),
    sa.Column('publication_id', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['streams.live_session.id'], name=op.f('fk_recording_part_live_id')),
    sa.ForeignKeyConstraint(['publication_id'], ['streams.publication.id'], name=op.f('fk_recording_part_publication_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording_part')),
    sa.UniqueConstraint('path', name=op.f('uq_recording_part_path')),
    schema='streams'
    )
    op.create_index(op.f('ix_recording_part_live_id'), 'recording_part', ['live_id'], unique=False, schema='streams')
    op.create_index(op.f('ix_recording_part_publication_id'), 'recording_part', ['publication_id'], unique=False, schema='streams')
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
    for rule in RULES:
        op.execute(rule)


def downgrade() -> None:
    op.drop_index(op.f('ix_order_line_variant_id'), table_name='order_line', schema='commerce')
    op.drop_index(op.f('ix_order_line_segment_id'), table_name='order_line', schema='commerce')
    op.drop_index(op.f('ix_order_line_order_id'), table_name='order_line', schema='commerce')
    op.drop_table('order_line', schema='commerce')
    op.drop_index('uq_explain_segment_open', table_name='explain_segment', schema='commerce', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index(op.f('ix_explain_segment_product_id'), table_name='explain_segment', schema='commerce')
    op.drop_index(op.f('ix_explain_segment_merchant_id'), table_name='explain_segment', schema='commerce')
    op.drop_index(op.f('ix_explain_segment_live_id'), table_name='explain_segment', schema='commerce')
    op.drop_index(op.f('ix_explain_segment_card_id'), table_name='explain_segment', schema='commerce')
    op.drop_table('explain_segment', schema='commerce')
    op.drop_index(op.f('ix_recording_part_publication_id'), table_name='recording_part', schema='streams')
    op.drop_index(op.f('ix_recording_part_live_id'), table_name='recording_part', schema='streams')
    op.drop_table('recording_part', schema='streams')
    op.drop_table('variant_price', schema='commerce')
    op.drop_index('ix_stock_journal_variant', table_name='stock_journal', schema='commerce')
    op.drop_table('stock_journal', schema='commerce')
    op.drop_index(op.f('ix_stock_product_id'), table_name='stock', schema='commerce')
    op.drop_table('stock', schema='commerce')
    op.drop_index(op.f('ix_order_refund_refund_id'), table_name='order_refund', schema='commerce')
    op.drop_index(op.f('ix_order_refund_order_id'), table_name='order_refund', schema='commerce')
    op.drop_table('order_refund', schema='commerce')
    op.drop_table('opening', schema='commerce')
    op.drop_index(op.f('ix_hold_live_id'), table_name='hold', schema='commerce')
    op.drop_index('ix_hold_lapsing', table_name='hold', schema='commerce', postgresql_where=sa.text("state = 'held' AND checkout_id IS NULL"))
    op.drop_index(op.f('ix_hold_checkout_id'), table_name='hold', schema='commerce')
    op.drop_index('ix_hold_buyer', table_name='hold', schema='commerce')
    op.drop_table('hold', schema='commerce')
    op.drop_index(op.f('ix_customs_receipt_message_id'), table_name='customs_receipt', schema='commerce')
    op.drop_table('customs_receipt', schema='commerce')
    op.drop_index(op.f('ix_consignment_order_id'), table_name='consignment', schema='commerce')
    op.drop_index(op.f('ix_consignment_declaration_id'), table_name='consignment', schema='commerce')
    op.drop_table('consignment', schema='commerce')
    op.drop_index('uq_card_product', table_name='card', schema='commerce', postgresql_where=sa.text('removed_at IS NULL'))
    op.drop_index('uq_card_explaining', table_name='card', schema='commerce', postgresql_where=sa.text("state = 'explaining'"))
    op.drop_index(op.f('ix_card_product_id'), table_name='card', schema='commerce')
    op.drop_index(op.f('ix_card_merchant_id'), table_name='card', schema='commerce')
    op.drop_index(op.f('ix_card_live_id'), table_name='card', schema='commerce')
    op.drop_table('card', schema='commerce')
    op.drop_index('ix_allocation_during', table_name='allocation', schema='commerce', postgresql_using='gist', postgresql_where=sa.text("status IN ('held', 'confirmed')"))
    op.drop_index(op.f('ix_allocation_booking_id'), table_name='allocation', schema='commerce')
    op.drop_table('allocation', schema='commerce')
    op.drop_table('replay', schema='streams')
    op.drop_index('ix_publication_publisher', table_name='publication', schema='streams')
    op.drop_index(op.f('ix_publication_live_id'), table_name='publication', schema='streams')
    op.drop_table('publication', schema='streams')
    op.drop_index('ix_ingest_live', table_name='ingest', schema='streams', postgresql_where=sa.text("state = 'live'"))
    op.drop_table('ingest', schema='streams')
    op.drop_index('ix_refund_waiting', table_name='refund', schema='payments', postgresql_where=sa.text("state IN ('wanted', 'asked')"))
    op.drop_index(op.f('ix_refund_reference'), table_name='refund', schema='payments')
    op.drop_index(op.f('ix_refund_payment_id'), table_name='refund', schema='payments')
    op.drop_table('refund', schema='payments')
    op.drop_index(op.f('ix_ledger_entry_posting_id'), table_name='ledger_entry', schema='payments')
    op.drop_index('ix_ledger_entry_account', table_name='ledger_entry', schema='payments', postgresql_include=['amount_minor'])
    op.drop_table('ledger_entry', schema='payments')
    op.drop_index(op.f('ix_variant_product_id'), table_name='variant', schema='commerce')
    op.drop_table('variant', schema='commerce')
    op.drop_table('staff_duty', schema='commerce')
    op.drop_index(op.f('ix_signed_in_person_id'), table_name='signed_in', schema='commerce')
    op.drop_index(op.f('ix_signed_in_expires_at'), table_name='signed_in', schema='commerce')
    op.drop_table('signed_in', schema='commerce')
    op.drop_index(op.f('ix_shelf_merchant_id'), table_name='shelf', schema='commerce')
    op.drop_index(op.f('ix_shelf_booking_id'), table_name='shelf', schema='commerce')
    op.drop_table('shelf', schema='commerce')
    op.drop_index(op.f('ix_resource_class_key'), table_name='resource', schema='commerce')
    op.drop_table('resource', schema='commerce')
    op.drop_index('ix_order_newest', table_name='order', schema='commerce')
    op.drop_index('ix_order_merchant', table_name='order', schema='commerce')
    op.drop_index('ix_order_live', table_name='order', schema='commerce')
    op.drop_index('ix_order_buyer', table_name='order', schema='commerce')
    op.drop_table('order', schema='commerce')
    op.drop_index('ix_membership_merchant_id', table_name='membership', schema='commerce')
    op.drop_table('membership', schema='commerce')
    op.drop_index(op.f('ix_guest_merge_person_id'), table_name='guest_merge', schema='commerce')
    op.drop_table('guest_merge', schema='commerce')
    op.drop_index(op.f('ix_declaration_message_declaration_id'), table_name='declaration_message', schema='commerce')
    op.drop_index('ix_declaration_message_business_key', table_name='declaration_message', schema='commerce')
    op.drop_table('declaration_message', schema='commerce')
    op.drop_index(op.f('ix_booking_starts_at'), table_name='booking', schema='commerce')
    op.drop_index('ix_booking_merchant_id_starts_at_id', table_name='booking', schema='commerce')
    op.drop_table('booking', schema='commerce')
    op.drop_index(op.f('ix_api_key_merchant_id'), table_name='api_key', schema='commerce')
    op.drop_table('api_key', schema='commerce')
    op.drop_index('uq_live_session_reference', table_name='live_session', schema='streams', postgresql_where=sa.text("state <> 'cancelled' AND NOT rehearsal"))
    op.drop_index('ix_live_session_state', table_name='live_session', schema='streams')
    op.drop_index(op.f('ix_live_session_reference'), table_name='live_session', schema='streams')
    op.drop_index(op.f('ix_live_session_host_reference'), table_name='live_session', schema='streams')
    op.drop_table('live_session', schema='streams')
    op.drop_index('uq_chat_mute_standing', table_name='chat_mute', schema='streams', postgresql_where=sa.text('lifted_at IS NULL'))
    op.drop_index(op.f('ix_chat_mute_live_id'), table_name='chat_mute', schema='streams')
    op.drop_table('chat_mute', schema='streams')
    op.drop_index(op.f('ix_chat_message_speaker'), table_name='chat_message', schema='streams')
    op.drop_index('ix_chat_message_live_id_id', table_name='chat_message', schema='streams')
    op.drop_table('chat_message', schema='streams')
    op.drop_index('uq_payment_live', table_name='payment', schema='payments', postgresql_where=sa.text("state IN ('asked', 'open', 'processing', 'wanted')"))
    op.drop_index('ix_payment_waiting', table_name='payment', schema='payments', postgresql_where=sa.text("state IN ('wanted', 'asked')"))
    op.drop_table('payment', schema='payments')
    op.drop_table('ledger_posting', schema='payments')
    op.drop_table('ledger_account', schema='payments')
    op.drop_table('inbox', schema='payments')
    op.drop_index('ix_outbox_untold', table_name='outbox', schema='kernel', postgresql_where=sa.text('told_at IS NULL AND parked_at IS NULL'))
    op.drop_table('outbox', schema='kernel')
    op.drop_index('ix_job_due', table_name='job', schema='kernel', postgresql_where=sa.text('done_at IS NULL AND parked_at IS NULL'))
    op.drop_table('job', schema='kernel')
    op.drop_index(op.f('ix_sign_in_try_since'), table_name='sign_in_try', schema='commerce')
    op.drop_table('sign_in_try', schema='commerce')
    op.drop_table('resource_class', schema='commerce')
    op.drop_index(op.f('ix_quote_buyer'), table_name='quote', schema='commerce')
    op.drop_table('quote', schema='commerce')
    op.drop_index('ix_product_merchant', table_name='product', schema='commerce')
    op.drop_table('product', schema='commerce')
    op.drop_table('person', schema='commerce')
    op.drop_table('merchant', schema='commerce')
    op.drop_index(op.f('ix_idempotent_answer_expires_at'), table_name='idempotent_answer', schema='commerce')
    op.drop_table('idempotent_answer', schema='commerce')
    op.drop_index('ix_declaration_waybill', table_name='declaration', schema='commerce')
    op.drop_index(op.f('ix_declaration_order_id'), table_name='declaration', schema='commerce')
    op.drop_index(op.f('ix_declaration_merchant_id'), table_name='declaration', schema='commerce')
    op.drop_table('declaration', schema='commerce')
    op.drop_index(op.f('ix_checkout_payment_id'), table_name='checkout', schema='commerce')
    op.drop_index(op.f('ix_checkout_live_id'), table_name='checkout', schema='commerce')
    op.drop_index('ix_checkout_due', table_name='checkout', schema='commerce', postgresql_where=sa.text("state IN ('awaiting_payment', 'cancelling', 'placed')"))
    op.drop_index(op.f('ix_checkout_buyer'), table_name='checkout', schema='commerce')
    op.drop_table('checkout', schema='commerce')
    op.drop_index('ix_audit_subject_at', table_name='audit', schema='commerce')
    op.drop_index('ix_audit_by_at', table_name='audit', schema='commerce')
    op.drop_table('audit', schema='commerce')
