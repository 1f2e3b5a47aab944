"""Outgoing webhooks: what happened here, told to merchants' own systems, signed."""
