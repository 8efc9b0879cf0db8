"""Vendors' doors on this machine: they take what the vendor documents, answer as it does, and on demand badly."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema

from tests.vendor_shapes import ANSWERS, SHAPES


@dataclass(frozen=True)
class Scripted:
    """What is answered instead. `hang`: seconds of silence, then the connection is closed."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    hang: float = 0.0


JIRA_NONE = Scripted(200, b'{"issues": []}')


def jira_found(category: str) -> Scripted:
    """An issue whose status is of this category."""
    status = {"name": "any", "statusCategory": {"key": category}}
    return Scripted(200, json.dumps({"issues": [{"key": "OPS-7", "fields": {"status": status}}]}).encode())


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}
        return json.loads(self.body)


@dataclass
class Vendors:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Requests that a vendor would refuse for their shape."""
    scripts: dict[str, list[Scripted]] = field(default_factory=lambda: defaultdict(list))
    """By the beginning of a path: answers, one a request; then as the vendor answers."""

    def at(self, path: str) -> list[Seen]:
        return [one for one in list(self.seen) if one.path.startswith(path)]

    def take(self, seen: Seen) -> Scripted:
        self.seen.append(seen)
        for prefix, script in self.scripts.items():
            if seen.path.startswith(prefix) and script:
                return script.pop(0)
        if (error := misshapen(seen)) is not None:
            self.wrong.append(f"{seen.method} {seen.path}: {error}")
            return Scripted(400, error.encode())
        if seen.method == "GET" and seen.path.startswith("/repos/"):
            return Scripted(200, b"[]")
        if seen.path.startswith("/rest/api/") and "/search" in seen.path:
            made = any(one.method == "POST" and one.path.endswith("/issue") for one in self.seen)
            return jira_found("new") if made else JIRA_NONE
        status, body = next((one for prefix, one in ANSWERS.items() if seen.path.startswith(prefix)), (200, b""))
        return Scripted(status, body)


def misshapen(seen: Seen) -> str | None:
    """What the vendor's documentation would say to it."""
    if seen.method == "GET":
        return None
    for method, prefix, schema in SHAPES:
        if seen.method == method and urlsplit(seen.path).path.startswith(prefix):
            try:
                jsonschema.validate(seen.json, schema)
            except (jsonschema.ValidationError, ValueError) as error:
                return f"{getattr(error, 'json_path', '')} {getattr(error, 'message', error)}"[:500]
            return None
    return "no such door"


@contextmanager
def vendors() -> Iterator[Vendors]:
    """All of them behind one port of this machine."""
    door = Vendors()
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handled(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = door.take(Seen(self.command, self.path, headers, body, time.monotonic()))
            if answer.hang:
                stopping.wait(answer.hang)
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = _handled

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    door.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield door
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
