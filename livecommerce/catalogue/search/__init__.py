"""Finding products in Chinese and English, with PostgreSQL alone."""
