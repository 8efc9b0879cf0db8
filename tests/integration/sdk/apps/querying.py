"""An app that asks the database at DATABASE with SQLAlchemy and with psycopg, in one piece of work, and ends."""

import asyncio
import contextlib
import os

import psycopg
import sqlalchemy
from psycopg.sql import SQL, Literal
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import midwatch

URL, NOBODY = os.environ["DATABASE"], os.environ["NOBODY"]
midwatch.init()
midwatch.instrument(psycopg)
midwatch.instrument(sqlalchemy)
in_sqlalchemy = URL.replace("postgresql://", "postgresql+psycopg://")
engine = sqlalchemy.create_engine(in_sqlalchemy)
midwatch.instrument(engine)


async def ask_in_async() -> None:
    in_async = create_async_engine(in_sqlalchemy)
    async with in_async.begin() as connection:
        await connection.execute(text("SELECT 'q1w2e3r4' AS of_sqlalchemy_in_async"))
    await in_async.dispose()
    async with await psycopg.AsyncConnection.connect(URL) as connection:
        await connection.execute("SELECT 'q1w2e3r4' AS of_psycopg_in_async")


with midwatch.work(correlation_id="order-77"):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (id int PRIMARY KEY, mail text)"))
        rows = [{"id": number, "mail": "q1w2e3r4"} for number in (1, 2)]
        connection.execute(text("INSERT INTO orders (id, mail) VALUES (:id, :mail)"), rows)
        connection.execute(text("SELECT pg_sleep(0.6), 'q1w2e3r4'"))
    with contextlib.suppress(sqlalchemy.exc.IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO orders (id, mail) VALUES (1, 'q1w2e3r4')"))
    with contextlib.suppress(sqlalchemy.exc.OperationalError):
        sqlalchemy.create_engine(f"postgresql+psycopg://{NOBODY}/none").connect()
    with psycopg.connect(URL) as direct:
        direct.execute("SELECT mail FROM orders WHERE mail = %s", ("q1w2e3r4",))
        direct.execute(SQL("SELECT {} AS composed").format(Literal("q1w2e3r4")))
        direct.cursor().executemany("UPDATE orders SET mail = %s WHERE id = %s", [("q1w2e3r4", 1), ("x", 2)])
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(f"postgresql://{NOBODY}/none")
    asyncio.run(ask_in_async())
