"""SQLAlchemy and psycopg on a real PostgreSQL: what is told of statements."""

from collections.abc import Iterator

import pytest

from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard
from tests.postgresql import new_database


@pytest.fixture(autouse=True)
def app(run: Run) -> Iterator[None]:
    with new_database() as url:
        app = run(f"{APPS}.querying", DATABASE=url, NOBODY=f"127.0.0.1:{free_port()}")
        assert app.popen.wait(60) == 0, app.output()
        yield


def test_each_statement_is_one_span_with_its_shape(heard: Heard) -> None:
    """Also where SQLAlchemy runs on psycopg, and both are observed; no value is told."""
    shapes = [one.attributes["db.query.text"] for one in heard.spans()]
    own = [one for one in shapes if "orders" in one or "of_" in one or "composed" in one or "sleep" in one]
    assert own == [
        "CREATE TABLE orders (id int PRIMARY KEY, mail text)",
        "INSERT INTO orders (id, mail) VALUES (?, …)",
        "SELECT pg_sleep(?), ?",
        "INSERT INTO orders (id, mail) VALUES (?, …)",
        "SELECT mail FROM orders WHERE mail = %s",
        "SELECT ? AS composed",
        "UPDATE orders SET mail = %s WHERE id = %s",
        "SELECT ? AS of_sqlalchemy_in_async",
        "SELECT ? AS of_psycopg_in_async",
    ]
    inserts = heard.spans("INSERT orders")
    assert inserts[0].kind == "client"
    assert inserts[0].attributes["db.system.name"] == "postgresql"
    assert inserts[0].attributes["db.operation.batch"] is True
    assert inserts[0].attributes["server.port"] == 5432
    assert [one.failed for one in inserts] == [False, True]
    assert inserts[1].attributes["error.type"] == "psycopg.errors.UniqueViolation"
    assert b"q1w2e3r4" not in heard.all_bytes()


def test_statements_are_measured_and_failures_counted(heard: Heard) -> None:
    inserts = heard.points("db_query_duration_seconds", operation="INSERT", table="orders", system="postgresql")
    assert [one.value for one in inserts] == [2]
    failures = {one.labels["error"]: one.value for one in heard.points("db_errors_total", system="postgresql")}
    assert failures["psycopg.errors.UniqueViolation"] == 1
    assert failures["psycopg.OperationalError"] == 2


def test_a_slow_statement_is_a_line(heard: Heard) -> None:
    slow = heard.lines("slow query")
    assert [(one.level, one.attributes["statement"]) for one in slow] == [("warning", "SELECT pg_sleep(?), ?")]
    assert slow[0].attributes["duration_ms"] > 600
    assert slow[0].attributes["correlation_id"] == "order-77"
