"""Payments that came too late: what of them the buyer still has to get back."""
