"""Replays: the recording of a live session, made playable, with its chapters."""
