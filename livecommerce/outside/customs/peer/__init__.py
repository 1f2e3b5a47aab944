"""A local stand-in for customs: judges what it is sent and answers as the real system does."""

from livecommerce.outside.customs.peer.app import build_customs_peer

__all__ = ["build_customs_peer"]
