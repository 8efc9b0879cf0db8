"""Servers on loopback that do what servers must not: each gets a connection, and what it is asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def read_request(connection: socket.socket) -> bytes:
    """The body of one request; raises ConnectionError where there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += _some(connection)
    return body


@contextmanager
def odd_server(talk: Talk) -> Iterator[str]:
    """Each connection is talked to in a thread of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def one(connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                opened.append(connection)
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in opened:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the client has gone")
    return data
