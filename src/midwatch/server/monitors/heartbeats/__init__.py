"""Heartbeats: signs of life that are expected by a schedule, and what it means when one stays away."""
