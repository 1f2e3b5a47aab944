"""A local stand-in for customs: judges what it is sent and answers as the real system does."""
