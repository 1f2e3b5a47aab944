"""The waitlist of what is sold out: when a piece comes back, the next in line has it first."""
