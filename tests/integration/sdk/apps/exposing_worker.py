"""A worker without HTTP: its metrics are at a port of their own, and beside its health."""

import sys
import time

import midwatch

midwatch.init()
midwatch.counter("polls_total", "Rounds").inc(3)
metrics = midwatch.serve_metrics(0)
health = midwatch.worker_health(0, queue=lambda: {"waiting": 1})
sys.stdout.write(f"ports {metrics.port} {health.port}\n")
sys.stdout.flush()
while True:
    time.sleep(3600)
