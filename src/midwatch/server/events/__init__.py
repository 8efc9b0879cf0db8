"""Domain events: each once, in a chain that shows what was changed; states of entities; teams' own tables."""
