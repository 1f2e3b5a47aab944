"""Auctions: one piece, one at a time in a room, to whoever bids most in time."""
