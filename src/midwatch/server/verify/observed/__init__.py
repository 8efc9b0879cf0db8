"""What came in the range, as checks ask for it."""
