"""What people see: page shells around the built front end, and the assets themselves."""
