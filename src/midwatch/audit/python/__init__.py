"""Python files, by the standard library's parser."""
