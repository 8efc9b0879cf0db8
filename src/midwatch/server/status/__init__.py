"""How Midwatch itself is doing: readiness, freshness, sizes, limits hit."""
