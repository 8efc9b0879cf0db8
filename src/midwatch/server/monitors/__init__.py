"""What watches from outside and what waits for signs of life: probes, heartbeats, the status page."""
