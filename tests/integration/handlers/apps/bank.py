"""What the tasks of all queues do: it fails while the bank is closed, and writes down each order that was charged."""

import json
import os
from typing import Any

import redis
from sqlalchemy import create_engine

import midwatch

PREFIX = os.environ["PREFIX"]
CLIENT = redis.Redis.from_url(os.environ["REDIS"])


def keep_runs() -> None:
    midwatch.replay_store(engine=create_engine(os.environ["STORE"]))


def take(order: dict[str, Any], tip: float, notes: list[str] | None) -> None:
    if CLIENT.exists(f"{PREFIX}:closed"):
        raise ConnectionError("the bank is closed")
    CLIENT.rpush(f"{PREFIX}:charged", json.dumps([order, tip, notes]))
