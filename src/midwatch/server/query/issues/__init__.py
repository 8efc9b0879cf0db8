"""Events of issues, read from the store: counts of lists, one event, tags, trends, errors over time."""
