"""Studios and their bookings."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_table('opening', schema='commerce')
    op.drop_index('ix_allocation_during', table_name='allocation', schema='commerce', postgresql_using='gist', postgresql_where=sa.text("status IN ('held', 'confirmed')"))
    op.drop_index(op.f('ix_allocation_booking_id'), table_name='allocation', schema='commerce')
    op.drop_table('allocation', schema='commerce')
    op.drop_index(op.f('ix_resource_class_key'), table_name='resource', schema='commerce')
    op.drop_table('resource', schema='commerce')
    op.drop_index(op.f('ix_booking_starts_at'), table_name='booking', schema='commerce')
    op.drop_index('ix_booking_merchant_id_starts_at_id', table_name='booking', schema='commerce')
    op.drop_table('booking', schema='commerce')
    op.drop_table('resource_class', schema='commerce')
