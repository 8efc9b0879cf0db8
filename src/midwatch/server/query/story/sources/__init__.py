"""What a story is read from: one file a source, each with the same shape."""
