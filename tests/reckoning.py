"""The reckoning after an accident: nothing lost and nothing doubled in the database."""

from collections.abc import Mapping

import sqlalchemy as sa

from livecommerce.kernel.db import Database
from tests.product import Product

CHECKS: Mapping[str, str] = {
    "stock that its journal does not explain": """
        SELECT s.variant_id, s.on_hand, s.held, j.on_hand, j.held
          FROM commerce.stock s LEFT JOIN (
            SELECT variant_id, sum(on_hand) AS on_hand, sum(held) AS held
              FROM commerce.stock_journal GROUP BY variant_id) j USING (variant_id)
         WHERE s.on_hand <> coalesce(j.on_hand, 0) OR s.held <> coalesce(j.held, 0)
    """,
    "goods at locations that do not sum to what is on hand": """
        SELECT s.variant_id, s.on_hand, coalesce(a.on_hand, 0)
          FROM commerce.stock s LEFT JOIN (
            SELECT variant_id, sum(on_hand) AS on_hand
              FROM commerce.stock_at GROUP BY variant_id) a USING (variant_id)
         WHERE s.on_hand <> coalesce(a.on_hand, 0)
    """,
    "held goods that no hold explains": """
        SELECT s.variant_id, s.held, coalesce(h.held, 0)
          FROM commerce.stock s LEFT JOIN (
            SELECT variant_id, sum(count) AS held FROM commerce.hold
             WHERE state = 'held' GROUP BY variant_id) h USING (variant_id)
         WHERE s.held <> coalesce(h.held, 0)
    """,
    "currencies in which the ledger does not sum to zero": """
        SELECT currency, sum(amount_minor) FROM payments.ledger_entry
         GROUP BY currency HAVING sum(amount_minor) <> 0
    """,
    "postings that do not sum to zero": """
        SELECT posting_id, currency, sum(amount_minor) FROM payments.ledger_entry
         GROUP BY posting_id, currency HAVING sum(amount_minor) <> 0
    """,
    "paid orders that are not in the books exactly once": """
        SELECT o.id, o.state, count(p.id) FROM commerce."order" o
          LEFT JOIN payments.ledger_posting p ON p.source = o.id AND p.kind = 'sale'
         WHERE o.state IN ('paid', 'shipped', 'delivered')
         GROUP BY o.id, o.state HAVING count(p.id) <> 1
    """,
    "unpaid orders that are in the books": """
        SELECT o.id, o.state FROM commerce."order" o
          JOIN payments.ledger_posting p ON p.source = o.id AND p.kind = 'sale'
         WHERE o.state IN ('placed', 'cancelled')
           AND o.dispute IS DISTINCT FROM 'lost'  -- the bank had it back, and nothing was sent
    """,
    "paid checkouts with another payment than exactly one": """
        SELECT c.id, c.state, count(p.id) FROM commerce.checkout c
          LEFT JOIN payments.payment p ON p.reference = c.id AND p.state = 'captured'
         WHERE c.state = 'paid' GROUP BY c.id, c.state HAVING count(p.id) <> 1
    """,
    "captured money for which nobody bought or got it back": """
        SELECT p.id, c.state FROM payments.payment p
          JOIN commerce.checkout c ON c.id = p.reference
         WHERE p.state = 'captured' AND c.state NOT IN ('paid', 'late_refunded')
    """,
    "late money that the books owe its buyer otherwise than is right": """
        SELECT c.id, p.captured_minor, coalesce(r.minor, 0), coalesce(d.minor, 0), b.minor
          FROM commerce.checkout c
          JOIN payments.payment p ON p.reference = c.id AND p.state = 'captured'
          CROSS JOIN LATERAL (
            SELECT sum(amount_minor) AS minor FROM payments.refund
             WHERE payment_id = p.id AND state = 'settled') r
          CROSS JOIN LATERAL (
            SELECT sum(taken_minor) AS minor FROM payments.dispute
             WHERE payment_id = p.id AND state = 'lost') d
          CROSS JOIN LATERAL (
            SELECT coalesce(-sum(e.amount_minor), 0) AS minor
              FROM payments.ledger_posting l
              JOIN payments.ledger_entry e ON e.posting_id = l.id
              JOIN payments.ledger_account a ON a.id = e.account_id
             WHERE a.code = 'customer_payable' AND l.source IN (
               SELECT p.id UNION ALL SELECT id FROM payments.refund WHERE payment_id = p.id
               UNION ALL SELECT id FROM payments.dispute WHERE payment_id = p.id)) b
         WHERE c.state = 'late_refunded' AND b.minor <> greatest(
           0, p.captured_minor - coalesce(r.minor, 0) - coalesce(d.minor, 0))
    """,
    "sold holds outside a paid checkout, and unsold ones in it": """
        SELECT h.id, h.state, c.state FROM commerce.hold h
          JOIN commerce.checkout c ON c.id = h.checkout_id
         WHERE (h.state = 'sold') <> (c.state = 'paid')
    """,
}


def discrepancies(product: Product) -> dict[str, list[str]]:
    """Every check that does not hold, with its rows."""

    async def look(db: Database) -> dict[str, list[str]]:
        found = {}
        async with db.begin() as tx:
            for what, query in CHECKS.items():
                if rows := (await tx.execute(sa.text(query))).all():
                    found[what] = [str(tuple(row)) for row in rows]
        return found

    return product.in_database(look)


def parked(product: Product) -> list[str]:
    """Facts and jobs that were given up."""

    async def look(db: Database) -> list[str]:
        async with db.begin() as tx:
            query = "SELECT listener || ': ' || coalesce(last_error, '') FROM kernel.job"
            query += " WHERE parked_at IS NOT NULL UNION ALL SELECT topic || ': ' ||"
            query += " coalesce(last_error, '') FROM kernel.outbox WHERE parked_at IS NOT NULL"
            return list((await tx.execute(sa.text(query))).scalars())

    return product.in_database(look)
