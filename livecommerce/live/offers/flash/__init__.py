"""Flash prices: a lower price for a short while and so many pieces."""
