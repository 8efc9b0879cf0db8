"""What would happen: alerts rehearsed on a virtual clock, rules replayed over stored history, promtool's unit tests."""
