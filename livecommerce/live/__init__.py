"""Live commerce: the shelf, the explained card, and the room's door."""
