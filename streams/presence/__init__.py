"""Who watches: counts of people, never of connections, and never made up."""
