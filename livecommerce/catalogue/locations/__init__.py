"""Where goods lie: warehouses and studios, what is at each, and the journal of it."""
