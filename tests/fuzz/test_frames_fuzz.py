"""Damaged segments: whatever the disk gives back, reading ends, and only what was acknowledged is taken for it."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midwatch.server.model.clock import WallClock
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.frames import FrameHeader, encode_frame, read_header, scan
from midwatch.server.wal.log import WriteAheadLog

pytestmark = pytest.mark.fuzz

HEADER = FrameHeader(1, "k1", "production", 1_700_000_000_000_000_000, b"d" * 16)
BODIES = st.lists(st.binary(max_size=200), min_size=1, max_size=8)
DAMAGE = st.lists(
    st.tuples(st.sampled_from(("flip", "cut", "insert", "repeat", "zero")), st.integers(0), st.binary(max_size=20)),
    max_size=5,
)


def frame(body: bytes, kind: SegmentKind = SegmentKind.OTLP_TRACES) -> bytes:
    return b"".join(bytes(part) for part in encode_frame(kind, HEADER, body))


def damaged(data: bytes, damage: list[tuple[str, int, bytes]]) -> bytes:
    content = bytearray(data)
    for what, where, extra in damage:
        at = where % (len(content) + 1)
        match what:
            case "flip" if at < len(content):
                content[at] ^= 1 << (where % 8)
            case "cut":
                del content[at : at + len(extra)]
            case "insert":
                content[at:at] = extra
            case "repeat":
                content[at:at] = content[max(0, at - len(extra)) : at]
            case _:
                content[at : at + len(extra)] = bytes(len(content[at : at + len(extra)]))
    return bytes(content)


@settings(max_examples=5000, deadline=None)
@given(bodies=BODIES, damage=DAMAGE, tail=st.binary(max_size=64))
def test_only_what_was_written_is_read(bodies: list[bytes], damage: list[tuple[str, int, bytes]], tail: bytes) -> None:
    """The walk covers each byte once; a frame that it calls intact is one that was written, with its header."""
    frames = {frame(body) for body in bodies}
    data = memoryview(damaged(b"".join(frame(body) for body in bodies), damage) + tail)
    position = 0
    for span in scan(data):
        assert span.start == position < span.end
        position = span.end
        if span.intact:
            assert bytes(data[span.start : span.end]) in frames
            assert read_header(data, span) == ("k1", HEADER.digest, HEADER.received_ns)
    assert position == len(data)


@settings(max_examples=3000, deadline=None)
@given(data=st.binary(max_size=2000))
def test_noise_has_no_frames(data: bytes) -> None:
    """Random bytes are read to their end, and nothing in them is taken for a frame."""
    assert not any(span.intact for span in scan(memoryview(data)))


@settings(max_examples=5000, deadline=None)
@given(before=BODIES, after=BODIES, damage=st.binary(min_size=1, max_size=300))
def test_what_is_whole_beside_damage_is_found(before: list[bytes], after: list[bytes], damage: bytes) -> None:
    """Foreign bytes between frames cost no frame, whatever they look like."""
    frames = [frame(body) for body in (*before, *after)]
    data = memoryview(b"".join(frames[: len(before)]) + damage + b"".join(frames[len(before) :]))
    found = [bytes(data[span.start : span.end]) for span in scan(data) if span.intact]
    assert found == frames


@settings(max_examples=150, deadline=None)
@given(
    segments=st.lists(st.tuples(BODIES, DAMAGE), min_size=1, max_size=3),
    kinds=st.lists(st.sampled_from(list(SegmentKind)), min_size=3, max_size=3),
    strays=st.lists(st.from_regex(r"[0-9a-f]{1,40}\.[a-z_]{1,12}(\.wal|\.half|\.new)?", fullmatch=True), max_size=3),
)
def test_any_directory_opens(
    segments: list[tuple[list[bytes], list[tuple[str, int, bytes]]]], kinds: list[SegmentKind], strays: list[str]
) -> None:
    """A log opens over damaged segments and foreign files; whole frames wait for the store."""
    directory = Path(tempfile.mkdtemp())
    (directory / "wal").mkdir()
    expected = 0
    for number, ((bodies, damage), kind) in enumerate(zip(segments, kinds, strict=False)):
        data = damaged(b"".join(frame(body, kind) for body in bodies), damage)
        (directory / "wal" / f"{number:012x}{number:020x}.{kind}.wal").write_bytes(data)
        expected += sum(span.intact for span in scan(memoryview(data)))
    for stray in strays:
        (directory / "wal" / stray).write_bytes(b"stray")

    async def waiting() -> int:
        clock = WallClock()
        letters = DeadLetters(directory / "letters", clock)
        log = WriteAheadLog(directory / "wal", letters, clock)
        await log.open()
        frames = 0
        for kind in set(kinds):
            while True:
                try:
                    segment = await asyncio.wait_for(log.next_sealed(kind), 0.01)
                except TimeoutError:
                    break
                frames += sum(span.intact for span in scan(memoryview(segment.path.read_bytes())))
                await log.done(segment)
        await log.close()
        return frames

    try:
        assert asyncio.run(waiting()) == expected
    finally:
        shutil.rmtree(directory)
