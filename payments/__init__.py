"""The money engine: intents, refunds, the provider's events, and a double-entry ledger."""
