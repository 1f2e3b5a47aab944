"""HTTP machinery: typed routes, problems, principals, idempotency, the API described."""
