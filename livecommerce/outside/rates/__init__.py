"""Exchange rates that a central bank publishes, fetched from a configured address."""
