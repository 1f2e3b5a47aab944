"""Cards that buyers keep, and paying with one in one tap."""
