"""A segment that waits → the same without what is private and without what does not go on. Runs in another process."""

from pathlib import Path

from google.protobuf.message import DecodeError

from midwatch.server.forward.parcels import Order, frames, key_fits, rewritten
from midwatch.server.wal.durable import Part, write_file
from midwatch.server.wal.encryption import encrypted, read_content
from midwatch.server.wal.frames import encode_frame


def write_clean(order: Order, target: Path) -> int:
    """Write what is left of the order's segment to `target`, body by body; how many stretches of it were no body.

    Raises:
        OSError: the disk is full or broken.
    """
    damaged = 0
    parts: list[Part] = []
    for _, header, body in frames(read_content(order.path, order.keys, order.start, order.end)):
        if header is None:
            damaged += 1
        elif key_fits(order.selection, header):
            try:
                content, items = rewritten(bytes(body), order, header.environment)
            except DecodeError:
                damaged += 1
                continue
            if items:
                parts += encode_frame(order.kind, header, content)
    write_file(target, encrypted(order.keys, order.path.name, b"".join(parts)))
    return damaged
