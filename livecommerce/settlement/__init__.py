"""Settlement: what a sale means in the books, and where the provider's messages arrive."""
