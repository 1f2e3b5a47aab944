"""Live sessions, encoders, recordings and chat."""

from alembic import op
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_index(op.f('ix_recording_part_publication_id'), table_name='recording_part', schema='streams')
    op.drop_index(op.f('ix_recording_part_live_id'), table_name='recording_part', schema='streams')
    op.drop_table('recording_part', schema='streams')
    op.drop_table('replay', schema='streams')
    op.drop_index('ix_publication_publisher', table_name='publication', schema='streams')
    op.drop_index(op.f('ix_publication_live_id'), table_name='publication', schema='streams')
    op.drop_table('publication', schema='streams')
    op.drop_index('ix_ingest_live', table_name='ingest', schema='streams', postgresql_where=sa.text("state = 'live'"))
    op.drop_table('ingest', schema='streams')
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
