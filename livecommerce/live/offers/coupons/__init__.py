"""Coupons: money off a purchase, for those who take one in the room in time."""
