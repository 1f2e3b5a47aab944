"""Append-only journals, frozen rows, balanced books: what no table definition says."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

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
    for rule in RULES:
        op.execute(rule)


def downgrade() -> None:
    raise NotImplementedError("the books are not taken back")
