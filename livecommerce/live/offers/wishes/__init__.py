"""Wishes: viewers ask for a product to be presented, and the host sees how many do."""
