"""What `make demo` starts: one system at a time, chosen in a page, where it is also made to go wrong."""
