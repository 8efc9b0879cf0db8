"""A server that takes OTLP/HTTP and answers as it is told; a real one, on loopback."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink:
    """What came, in order: path, headers in small letters, body. The next answers are of `answers`, else what `check`
    says to the body: 200."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.check: Callable[[bytes], int] = lambda _: 200
        self.url = ""

    def bodies(self, signal: str) -> list[bytes]:
        return [body for path, _, body in self.requests if path.endswith(f"/v1/{signal}")]


@contextmanager
def serving() -> Iterator[Sink]:
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = self.headers["content-length"]
            body = self.rfile.read(int(length)) if length else self.chunks()
            sink.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = sink.answers.pop(0) if sink.answers else (sink.check(body), {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def chunks(self) -> bytes:
            """A body of chunks (RFC 9112, 7.1), as Node.js sends it."""
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
