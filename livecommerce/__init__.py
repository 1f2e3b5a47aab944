"""Live-broadcast e-commerce: studios, rooms, orders, payments and customs as one chain."""
