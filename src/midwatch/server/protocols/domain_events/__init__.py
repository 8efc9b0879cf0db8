"""Domain events, as apps and teams' tables tell of them."""
