"""A database of the example's own in the PostgreSQL and the Redis of this machine, empty at each start."""

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

POSTGRESQL = os.environ.get("EXAMPLE_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("EXAMPLE_REDIS_URL", "redis://127.0.0.1:6379")


class DatabaseAway(Exception):
    """It does not answer; the message says what the example needs and which variable names another one."""


def new_postgresql(name: str) -> str:
    """The URL of a database `name` that is made anew."""
    parts = urlsplit(POSTGRESQL)
    try:
        with psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.OperationalError as error:
        raise DatabaseAway(
            f"the example needs PostgreSQL, and {parts.hostname}:{parts.port} says: {error}; "
            "EXAMPLE_POSTGRESQL_URL names another one"
        ) from None
    return urlunsplit(parts._replace(path=f"/{name}"))


def drop_postgresql(name: str) -> None:
    with psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=5) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def new_redis(number: int) -> str:
    """The URL of this database, which is emptied."""
    url = f"{REDIS}/{number}"
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
            client.flushdb()
    except redis.RedisError as error:
        raise DatabaseAway(
            f"the example needs Redis, and {REDIS} says: {error}; EXAMPLE_REDIS_URL names another one"
        ) from None
    return url
