"""Tells receivers what alerting decided: one folder a channel, and the loop that delivers what the outbox holds."""
