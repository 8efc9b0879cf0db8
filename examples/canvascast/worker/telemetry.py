"""What the worker tells: the document's names, labels and buckets where they are not the SDK's own."""

import os

import anthropic
import httpx
import redis

import midwatch

midwatch.init(plan=os.environ.get("PLAN"))
for library in (httpx, redis, anthropic):
    midwatch.instrument(library)
midwatch.histogram(
    "job_duration_seconds",
    "Job processing duration",
    labels=("job", "status", "niche"),
    buckets=(60, 120, 300, 600, 900),
)
midwatch.histogram(
    "pipeline_step_duration_seconds",
    "Pipeline step duration",
    labels=("step", "status"),
    buckets=(5, 15, 30, 60, 120, 300),
)
credits_used = midwatch.counter("credits_used_total", "Total credits consumed")
credits_used.inc(0)
