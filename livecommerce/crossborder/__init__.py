"""Across the border: what landing abroad costs, and what China's customs are told."""
