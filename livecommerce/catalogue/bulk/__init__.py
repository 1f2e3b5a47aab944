"""Changing many products at once: looked at first, then done as it was seen."""
