"""What is said in a room: spoken through the gateway, kept behind, moderated at once."""
