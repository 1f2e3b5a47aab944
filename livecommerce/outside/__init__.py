"""Systems only commerce talks to, in our words; each has a faithful local peer."""
