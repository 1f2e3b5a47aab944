"""Cancelling pieces of a paid order before they are sent."""
