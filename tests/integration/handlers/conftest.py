"""The team's store of runs, as a Redis and as databases; and this process as an app with handlers."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from sqlalchemy import create_engine

import midwatch
from midwatch.sdk.handlers import channel, start
from midwatch.sdk.handlers.ledger import Ledger
from midwatch.sdk.handlers.redis_store import RedisStore
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.sql_store import SqlStore
from tests.conftest import KEY, Server
from tests.postgresql import new_database

REDIS = "redis://127.0.0.1:6379/0"
KINDS = ("postgresql", "redis", "sqlite")
SERVICE = "shop"


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """In force for what this process has decorated, until the end of the test."""
    yield from _ledger(request.param, tmp_path)


@pytest.fixture
def one_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Of one kind, where the kind makes no difference."""
    yield from _ledger("sqlite", tmp_path)


def _ledger(kind: str, directory: Path) -> Iterator[Ledger]:
    if kind == "redis":
        with redis.Redis.from_url(REDIS) as client:
            prefix = f"midwatch-{uuid.uuid4().hex[:12]}"
            yield from _in_force(RedisStore(client, prefix))
            for name in client.scan_iter(f"{prefix}*"):
                client.delete(name)
    elif kind == "postgresql":
        with new_database() as url:
            yield from _on_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    else:
        yield from _on_engine(f"sqlite:///{directory}/app.db")


def _on_engine(url: str) -> Iterator[Ledger]:
    engine = create_engine(url)
    store = SqlStore(engine)
    store.create()
    yield from _in_force(store)
    engine.dispose()


def _in_force(store: RedisStore | SqlStore) -> Iterator[Ledger]:
    before = REGISTRY.ledger, REGISTRY.keys
    REGISTRY.keep_in(store, REGISTRY.keys, 30)
    start.begin()
    assert REGISTRY.ledger is not None
    yield REGISTRY.ledger
    REGISTRY.ledger, REGISTRY.keys = before


@pytest.fixture
def service() -> str:
    """Another each time: tests that share a server do not see one another's runs."""
    return f"{SERVICE}-{uuid.uuid4().hex[:8]}"


@pytest.fixture(autouse=True)
def _asks_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process asked as the app of another test is soon over."""
    monkeypatch.setattr(channel, "WAIT_SECONDS", 0.5)


@pytest.fixture
def app(server: Server, service: str) -> Iterator[Server]:
    """This process sends to the server, as an app does."""
    midwatch.init(service=service, environment="test", dsn=f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}")
    yield server
    midwatch.shutdown()
