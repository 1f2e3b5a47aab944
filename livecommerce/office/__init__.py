"""What an office reads and writes: sheets, and papers to print."""
