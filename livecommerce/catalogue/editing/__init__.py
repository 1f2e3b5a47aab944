"""Changing products: their words, their dimensions, their variants."""
