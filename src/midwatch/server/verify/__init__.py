"""What arrives, held against what the plan declares: one check a file, each asked of what is stored."""
