"""Facts, people and merchants."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    op.drop_table('staff_duty', schema='commerce')
    op.drop_index(op.f('ix_signed_in_person_id'), table_name='signed_in', schema='commerce')
    op.drop_index(op.f('ix_signed_in_expires_at'), table_name='signed_in', schema='commerce')
    op.drop_table('signed_in', schema='commerce')
    op.drop_index('ix_membership_merchant_id', table_name='membership', schema='commerce')
    op.drop_table('membership', schema='commerce')
    op.drop_index(op.f('ix_guest_merge_person_id'), table_name='guest_merge', schema='commerce')
    op.drop_table('guest_merge', schema='commerce')
    op.drop_index(op.f('ix_api_key_merchant_id'), table_name='api_key', schema='commerce')
    op.drop_table('api_key', schema='commerce')
    op.drop_index('ix_outbox_untold', table_name='outbox', schema='kernel', postgresql_where=sa.text('told_at IS NULL AND parked_at IS NULL'))
    op.drop_table('outbox', schema='kernel')
    op.drop_index('ix_job_due', table_name='job', schema='kernel', postgresql_where=sa.text('done_at IS NULL AND parked_at IS NULL'))
    op.drop_table('job', schema='kernel')
    op.drop_index(op.f('ix_sign_in_try_since'), table_name='sign_in_try', schema='commerce')
    op.drop_table('sign_in_try', schema='commerce')
    op.drop_table('person', schema='commerce')
    op.drop_table('merchant', schema='commerce')
    op.drop_index(op.f('ix_idempotent_answer_expires_at'), table_name='idempotent_answer', schema='commerce')
    op.drop_table('idempotent_answer', schema='commerce')
    op.drop_index('ix_audit_subject_at', table_name='audit', schema='commerce')
    op.drop_index('ix_audit_by_at', table_name='audit', schema='commerce')
    op.drop_table('audit', schema='commerce')
