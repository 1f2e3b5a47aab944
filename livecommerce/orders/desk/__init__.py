"""The merchant's order desk: finding orders, shipping many, handing them out as a table."""
