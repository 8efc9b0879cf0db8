"""Databases on this machine's PostgreSQL, each a test's own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier

SERVER = "postgresql://root@127.0.0.1:5432"


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of an empty database, which is dropped at the end."""
    name = f"midwatch_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield f"{SERVER}/{name}"
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
