"""What is printed: invoices, credit notes, pick lists, labels."""
