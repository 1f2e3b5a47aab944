"""Where people have things sent: saved addresses, each country's form, and whose home it is."""
