"""Mail: what we send to people, and a local peer that catches it where nobody delivers."""
