"""Insight: what happened, seen whole. It reads what the features below it write."""
