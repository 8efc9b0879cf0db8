"""Prometheus on the wire: remote write 1.0 and 2.0."""
