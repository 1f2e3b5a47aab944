"""The way back to one's orders from the receipt's mail, without an account."""
