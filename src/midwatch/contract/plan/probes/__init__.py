"""What probes ask for and what they expect."""
