"""Reports, one form a file."""
