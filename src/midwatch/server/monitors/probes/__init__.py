"""Probes: asking others on time, judging what comes of it, telling it as series."""
