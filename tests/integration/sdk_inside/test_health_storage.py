"""Health of what is lent and kept: buckets, pools of psycopg, addresses."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import psycopg_pool
import pytest

import midwatch
from tests.postgresql import SERVER

POSTGRESQL = f"{SERVER}/postgres"


@pytest.fixture
def storage() -> Iterator[str]:
    """Speaks as much S3 as a HEAD of a bucket needs."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200 if self.path.strip("/") == "videos" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(503 if self.path == "/broken" else 403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class BucketClient:
    """Has boto3's `head_bucket`: boto3 itself cannot be installed beside the engine, which pins another dateutil."""

    def __init__(self, url: str) -> None:
        self._url = url

    def head_bucket(self, Bucket: str) -> None:
        httpx.head(f"{self._url}/{Bucket}").raise_for_status()


def checked(answer: Any) -> dict[str, str]:
    """What each check says that failed."""
    return {name: one["error"] for name, one in json.loads(answer.body)["checks"].items() if not one["healthy"]}


def test_buckets_and_addresses(storage: str) -> None:
    """A bucket that is there and one that is not; an address that refuses us is there, one that breaks is not."""
    client = BucketClient(storage)
    health = midwatch.Health(
        {
            "bucket": (client, "videos"),
            "no bucket": (client, "music"),
            "address": storage,
            "broken": f"{storage}/broken",
        },
        timeout_seconds=10,
    )
    assert checked(health.answer("/ready")) == {"no bucket": "HTTPStatusError", "broken": "ConnectionError"}


async def test_pools() -> None:
    with psycopg_pool.ConnectionPool(POSTGRESQL, min_size=1) as pool:
        assert checked(midwatch.Health({"pool": pool}).answer("/ready")) == {}
    async with psycopg_pool.AsyncConnectionPool(POSTGRESQL, min_size=1) as pool:
        assert checked(await midwatch.Health({"pool": pool}).answer_async("/ready")) == {}
