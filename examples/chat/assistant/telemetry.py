"""The SDK set up for the assistant's processes."""

import os

import openai
import psycopg
import redis

import midwatch

midwatch.init(
    service=os.environ.get("SERVICE_NAME", "assistant"),
    plan=os.environ.get("PLAN"),
    version="1.0.0",
    log_keys={"timestamp": "ts", "message": "event"},
)
for library in (openai, psycopg, redis):
    midwatch.instrument(library)
log = midwatch.get_logger("chat")
