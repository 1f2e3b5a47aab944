"""Counting the pieces of an order: what may be sent, cancelled or given back."""
