"""Goods that come back: asked, approved, received, inspected, paid back or exchanged."""
