"""Objectives: what share of events has to be good, how much of the rest is used up, and who is told how fast."""
