"""The demo centre: believable people, merchants, studios and goods, and their pictures."""
