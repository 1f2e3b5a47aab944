"""Messages between buyer and merchant, kept with the order."""
