"""Questions about domain events and the states of entities."""
