"""Orders: from a buyer's holds and a quote to paid, shipped and, where need be, refunded."""
