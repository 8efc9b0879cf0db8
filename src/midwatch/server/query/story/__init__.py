"""What happened to an id: one timeline over everything that is stored."""
