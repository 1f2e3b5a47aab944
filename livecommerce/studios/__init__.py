"""Studios, equipment and crew: who occupies what, and when."""
