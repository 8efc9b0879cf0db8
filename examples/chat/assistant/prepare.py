"""The tables, in a database that is empty."""

import os
from pathlib import Path

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute((Path(__file__).parents[1] / "server" / "schema.sql").read_text())
