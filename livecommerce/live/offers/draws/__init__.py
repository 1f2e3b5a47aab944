"""Lucky draws that anybody can check."""
