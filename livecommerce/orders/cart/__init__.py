"""The cart: what somebody may buy, kept on the server across their devices and rooms."""
