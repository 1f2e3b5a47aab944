"""Media servers: what we need from one, in our words, and one adapter file for each."""
