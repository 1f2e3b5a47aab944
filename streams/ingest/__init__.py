"""Ingest: who may publish the picture of a live session, and whether it is coming in."""
