"""Programs to scrape: one with prometheus_client, one whose pages a test writes, one that tells of targets."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server


class Client:
    """A real app: prometheus_client's own server and registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.orders = Counter("orders", "Orders taken", ["plan"], registry=self.registry)
        self.latency = Histogram("latency_seconds", "How long", registry=self.registry)
        self.port = 0
        self.start()

    def start(self) -> None:
        self._server, self._thread = start_http_server(self.port, addr="127.0.0.1", registry=self.registry)
        self.port = self._server.server_port

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Pages:
    """Answers each path with what stands in `pages`: type and text; keeps the headers of the last request by path."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        self.asked: dict[str, dict[str, str]] = {}
        pages, asked = self.pages, self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                asked[path] = {name.lower(): value for name, value in self.headers.items()}
                kind, text = pages.get(path, ("text/plain", ""))
                body = text.encode()
                self.send_response(200 if path in pages else 404)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError):  # who asked was stopped meanwhile
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def put(self, path: str, text: str, kind: str = "text/plain; version=0.0.4") -> None:
        self.pages[path] = (kind, text)

    def put_groups(self, path: str, *groups: dict[str, Any]) -> None:
        self.put(path, json.dumps(groups), "application/json")

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
