"""People, merchants, roles, sign-in, API keys, guests, and the record of who did what."""
