"""China's customs as we reach them: their words (ceb), a way in (client), a stand-in (peer)."""
