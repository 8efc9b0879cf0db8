"""The write-ahead log's promises: durable before acknowledged, whole after a crash, bounded."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from midwatch.server.model.attention import ATTENTION_SECONDS, Attention
from midwatch.server.model.clock import VirtualClock, WallClock
from midwatch.server.model.errors import Conflict, NotFound, RateLimited, Unavailable
from midwatch.server.model.segments import Position, SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.wal import segment_files
from midwatch.server.wal.dead_letters import EVICTED, DeadLetters
from midwatch.server.wal.frames import FrameHeader, digest_of, encode_frame, scan
from midwatch.server.wal.log import GATHER_BYTES, GATHER_SECONDS, LOOK_SECONDS, UNWATCHED_FACTOR, WriteAheadLog

KIND = SegmentKind.OTLP_TRACES
OTHER = SegmentKind.NDJSON_LOGS


def frame(body: bytes, digest: bytes = b"") -> list[bytes | memoryview]:
    return encode_frame(KIND, FrameHeader(1, "key", "prod", WallClock().now_ns(), digest), body)


class Opened:
    """A log on a directory, with what it needs."""

    def __init__(self, directory: Path, keys: WalKeys = NO_KEYS, **options: int | float) -> None:
        self.letters = DeadLetters(directory / "letters", WallClock(), keys)
        self.log = WriteAheadLog(
            directory / "wal",
            self.letters,
            WallClock(),
            keys,
            **{"linger_seconds": 0.0, **options},  # type: ignore[arg-type]
        )

    async def __aenter__(self) -> "Opened":
        await self.log.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.log.close()


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    async with Opened(tmp_path) as opened:
        yield opened


def bodies(path: Path) -> int:
    return sum(span.intact for span in scan(memoryview(path.read_bytes())))


async def test_many_appends_share_few_syncs_and_lie_in_order(opened: Opened) -> None:
    """A hundred callers wait for far fewer fsyncs, and every frame is in the segment."""
    await asyncio.gather(*(opened.log.append(KIND, frame(b"%d" % number)) for number in range(100)))
    segment = await opened.log.next_sealed(KIND)
    assert (segment.frames, bodies(segment.path)) == (100, 100)
    assert next(m.value for m in opened.log.measures() if m.name == "midwatch_wal_commits_total") < 20


async def test_files_are_for_their_owner_only(opened: Opened, tmp_path: Path) -> None:
    """Directory 0700, segments 0600."""
    await opened.log.append(KIND, frame(b"secret"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "wal").glob("*.wal")}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "wal").stat().st_mode) == 0o700


async def test_a_segment_grows_while_its_consumer_is_busy_up_to_its_bound(tmp_path: Path) -> None:
    """What comes while a segment is being stored is one segment, or several at the bound, in the order of their ids."""
    async with Opened(tmp_path, segment_bytes_max=1000) as opened:
        await opened.log.append(KIND, frame(b"first"))
        first = await opened.log.next_sealed(KIND)
        for _ in range(10):
            await opened.log.append(KIND, frame(b"x" * 300))
        await opened.log.done(first)
        found = [await opened.log.next_sealed(KIND) for _ in range(3)]
        assert sum(segment.frames for segment in found) == 9
        assert [segment.id for segment in found] == sorted(segment.id for segment in found)


async def test_a_waiter_is_woken_when_its_segment_is_stored_split_or_buried(opened: Opened) -> None:
    """`wait_visible` ends with the last piece of what a segment was split into."""
    position = await opened.log.append(KIND, frame(b"one"))
    await opened.log.append(KIND, frame(b"two"))
    waiting = asyncio.create_task(opened.log.wait_visible(position, 20))
    segment = await opened.log.next_sealed(KIND)
    halves = await opened.log.split(segment)
    assert [half.frames for half in halves] == [1, 1]
    assert await opened.log.split(halves[0]) == []
    await opened.log.bury(halves[0], "poison")
    assert not waiting.done()
    assert not await opened.log.wait_visible(position, 0.01), "who asks after the split waits for the pieces, too"
    await opened.log.done(halves[1])
    assert await waiting
    assert await opened.log.wait_visible(position, 0.01)
    assert opened.log.bytes_waiting == 0
    assert opened.log.segments_waiting == 0
    assert await opened.log.wait_visible(Position("f" * 32), 0.01), "a segment that is not waiting is visible"


async def test_a_waiter_gives_up_in_time(opened: Opened) -> None:
    """False, and nothing else changes, when nobody stores the segment."""
    position = await opened.log.append(KIND, frame(b"one"))
    assert not await opened.log.wait_visible(position, 0.05)


async def asked(log: WriteAheadLog) -> "asyncio.Task[SealedSegment]":
    """Already on its way."""
    task = asyncio.create_task(log.next_sealed(KIND))
    await asyncio.sleep(0)
    return task


async def test_what_nobody_asks_for_gathers_longer(tmp_path: Path) -> None:
    """Four times, to the moment that somebody asks: then it is given to the store at once."""
    clock = VirtualClock()
    attention = Attention(clock)
    letters = DeadLetters(tmp_path / "letters", clock)
    log = WriteAheadLog(tmp_path / "wal", letters, clock, linger_seconds=1, attention=attention)
    await log.open()
    await log.append(KIND, frame(b"one"))
    unwatched = await asked(log)
    clock.advance(3.9)
    done, _ = await asyncio.wait([unwatched], timeout=2 * LOOK_SECONDS)
    assert not done
    attention.pay()
    assert (await asyncio.wait_for(unwatched, 20)).frames == 1
    await log.append(KIND, frame(b"two"))
    watched = await asked(log)
    clock.advance(1)
    assert (await asyncio.wait_for(watched, 20)).frames == 1
    clock.advance(ATTENTION_SECONDS)
    await log.append(KIND, frame(b"three"))
    unwatched = await asked(log)
    clock.advance(4)
    assert (await asyncio.wait_for(unwatched, 20)).frames == 1
    await log.close()


async def test_a_slow_store_gets_fewer_segments(tmp_path: Path) -> None:
    """After one that took a second and a half a small one gathers for three; a large one does not, and none long."""
    clock = VirtualClock()
    letters = DeadLetters(tmp_path / "letters", clock)
    log = WriteAheadLog(tmp_path / "wal", letters, clock, linger_seconds=1)
    await log.open()

    async def stored_in(seconds: float, body: bytes = b"next") -> "asyncio.Task[SealedSegment]":
        clock.advance(seconds)
        await log.append(KIND, frame(body))
        return await asked(log)

    first = await stored_in(0)
    clock.advance(1)
    assert (await asyncio.wait_for(first, 20)).frames == 1
    small = await stored_in(1.5)
    clock.advance(2.9)
    done, _ = await asyncio.wait([small], timeout=2 * LOOK_SECONDS)
    assert not done
    clock.advance(0.1)
    assert (await asyncio.wait_for(small, 20)).frames == 1
    large = await stored_in(1.5, bytes(GATHER_BYTES))
    clock.advance(GATHER_SECONDS)
    assert (await asyncio.wait_for(large, 20)).frames == 1
    late = await stored_in(60)
    clock.advance(UNWATCHED_FACTOR)
    assert (await asyncio.wait_for(late, 20)).frames == 1
    await log.close()


async def test_a_restart_finds_everything_that_was_acknowledged(tmp_path: Path) -> None:
    """Segments left behind come first and say so; their ids are below all new ones, also when the clock is back."""
    async with Opened(tmp_path) as opened:
        await opened.log.append(KIND, frame(b"before"))
    letters = DeadLetters(tmp_path / "letters", VirtualClock(1))
    log = WriteAheadLog(tmp_path / "wal", letters, VirtualClock(1), linger_seconds=0)
    await log.open()
    await log.append(KIND, frame(b"after"))
    first, second = await log.next_sealed(KIND), await log.next_sealed(KIND)
    await log.close()
    assert first.recovered
    assert not second.recovered
    assert first.id < second.id


@pytest.mark.parametrize("cut", [1, 5, 30])
async def test_a_torn_tail_becomes_a_dead_letter_and_costs_nothing_else(tmp_path: Path, cut: int) -> None:
    """A partial frame at the end is put aside; the frames before it are given to the store."""
    async with Opened(tmp_path) as opened:
        for number in range(3):
            await opened.log.append(KIND, frame(b"body %d" % number * 20))
    (path,) = (tmp_path / "wal").glob("*.wal")
    path.write_bytes(path.read_bytes() + b"".join(frame(b"torn" * 50))[:cut])
    async with Opened(tmp_path) as opened:
        segment = await opened.log.next_sealed(KIND)
        assert (segment.frames, bodies(segment.path)) == (3, 3)
        assert [letter.bytes for letter in opened.letters.all()] == [cut]


def _flips() -> list[int]:
    whole = len(b"".join(frame(b"body" * 20, b"d" * 16)))
    return list(range(whole, 2 * whole, 3))


@pytest.mark.parametrize("at", _flips())
async def test_a_flipped_bit_costs_one_frame_wherever_it_is(tmp_path: Path, at: int) -> None:
    """In the length, the CRC, the header or the body of the middle frame: the other two stay, the letter says why."""
    async with Opened(tmp_path) as opened:
        for _ in range(3):
            await opened.log.append(KIND, frame(b"body" * 20, b"d" * 16))
    (path,) = (tmp_path / "wal").glob("*.wal")
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)
    async with Opened(tmp_path) as opened:
        segment = await opened.log.next_sealed(KIND)
        assert (segment.frames, bodies(segment.path)) == (2, 2)
        (letter,) = opened.letters.all()
        assert "not a whole frame" in letter.error
        with pytest.raises(Conflict, match="damaged"):
            await opened.log.retry(letter.id)


async def test_strange_files_are_left_alone(tmp_path: Path) -> None:
    """What is no segment neither stops the start nor is touched."""
    (tmp_path / "wal").mkdir()
    for name in ("notes.wal", "00.otlp_traces.wal", "zz.nothing.wal", "readme"):
        (tmp_path / "wal" / name).write_bytes(b"?")
    async with Opened(tmp_path) as opened:
        assert opened.log.segments_waiting <= 1
    assert (tmp_path / "wal" / "notes.wal").exists()
    assert (tmp_path / "wal" / "readme").exists()


@pytest.mark.parametrize("parent_is_there", [True, False])
async def test_a_crash_within_a_split_leaves_the_whole_or_the_halves(tmp_path: Path, *, parent_is_there: bool) -> None:
    """Three files are on disk at that moment; the restart takes each frame once."""
    async with Opened(tmp_path) as opened:
        await opened.log.append(KIND, frame(b"one"))
        await opened.log.append(KIND, frame(b"two"))
    (parent,) = (tmp_path / "wal").glob("*.wal")
    name = parent.name.split(".")[0]
    for number, body in enumerate((b"one", b"two")):
        half = parent.with_name(f"{int(name, 16) + 1 + number:032x}.{KIND}.half-of-{name}")
        half.write_bytes(b"".join(frame(body)))
    if not parent_is_there:
        parent.unlink()
    async with Opened(tmp_path) as opened:
        assert opened.log.segments_waiting == (1 if parent_is_there else 2)
        segments = [await opened.log.next_sealed(KIND) for _ in range(opened.log.segments_waiting)]
        assert sum(segment.frames for segment in segments) == 2


async def test_what_waits_is_bounded(tmp_path: Path) -> None:
    """Over its bytes the log refuses with a reason and a time, also many at once, and takes again when room is made."""
    async with Opened(tmp_path, bytes_max=1000) as opened:
        answers = await asyncio.gather(
            *(opened.log.append(KIND, frame(b"x" * 300)) for _ in range(10)), return_exceptions=True
        )
        refused = [answer for answer in answers if isinstance(answer, RateLimited)]
        assert len(refused) == 8
        assert refused[0].code == "wal_full"
        assert opened.log.bytes_waiting <= 1000
        await opened.log.done(await opened.log.next_sealed(KIND))
        await opened.log.append(KIND, frame(b"x" * 300))


async def test_a_full_disk_leaves_no_half_frame(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC in the middle of a frame: 503 `disk_full`, the segment is cut back, and the next append is whole."""
    await opened.log.append(KIND, frame(b"before"))
    whole = segment_files.write_all

    def half(descriptor: int, parts: list[bytes]) -> int:
        os.write(descriptor, bytes(parts[0])[:4])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(segment_files, "write_all", half)
    with pytest.raises(Unavailable) as caught:
        await opened.log.append(KIND, frame(b"refused"))
    assert caught.value.code == "disk_full"
    with pytest.raises(Unavailable):
        await opened.log.append(OTHER, frame(b"refused too"))
    monkeypatch.setattr(segment_files, "write_all", whole)
    await opened.log.append(KIND, frame(b"after"))
    segment = await opened.log.next_sealed(KIND)
    assert (segment.frames, bodies(segment.path), segment.path.stat().st_size) == (2, 2, segment.size_bytes)
    await opened.log.done(segment)
    assert opened.log.bytes_waiting == 0


async def test_the_disk_reserve_is_left_alone(tmp_path: Path) -> None:
    """With less free than the reserve the log refuses as if the disk were full."""
    async with Opened(tmp_path, disk_reserve_bytes=1 << 62) as opened:
        with pytest.raises(Unavailable) as caught:
            await opened.log.append(KIND, frame(b"refused"))
        assert caught.value.code == "disk_full"


async def test_a_letter_is_tried_again_or_dropped(opened: Opened) -> None:
    """Buried once under the segment's own id; retried it is a segment and no letter; dropped it is gone."""
    await opened.log.append(KIND, frame(b"poison"))
    segment = await opened.log.next_sealed(KIND)
    content = segment.path.read_bytes()
    await opened.log.bury(segment, "cannot parse")
    (letter,) = opened.letters.all()
    assert (letter.id, letter.key_id, letter.error) == (segment.id, "key", "cannot parse")
    assert "poison" in opened.letters.preview(letter.id)
    await opened.log.retry(letter.id)
    assert opened.letters.all() == []
    again = await opened.log.next_sealed(KIND)
    assert again.path.read_bytes() == content
    await opened.log.bury(again, "cannot parse")
    opened.letters.drop(again.id)
    with pytest.raises(NotFound):
        opened.letters.drop(again.id)
    assert opened.letters.count == 0


def test_letters_are_bounded_by_count_and_bytes(tmp_path: Path) -> None:
    """The oldest go, counted."""
    letters = DeadLetters(tmp_path / "a", VirtualClock(), letters_max=3)
    for number in range(5):
        letters.keep(b"%d" % number, KIND, "why")
    assert [letters.preview(letter.id) for letter in letters.all()] == ["4", "3", "2"]
    assert (letters.count, letters.gone_for(EVICTED)) == (3, 2)
    small = DeadLetters(tmp_path / "b", VirtualClock(), bytes_max=100)
    for _ in range(3):
        small.keep(b"x" * 60, KIND, "why")
    assert (small.count, small.gone_for(EVICTED)) == (1, 2)


async def test_a_body_sent_again_is_stored_once_also_over_restarts(tmp_path: Path) -> None:
    """Known while it waits, when it is stored and gone, and after restarts; a second at once shares the outcome."""
    digest = digest_of(KIND, "key", b"body")
    async with Opened(tmp_path) as opened:
        first, second = await asyncio.gather(
            opened.log.append_once(KIND, digest, frame(b"body", digest)),
            opened.log.append_once(KIND, digest, frame(b"body", digest)),
        )
        assert (first[1], second[1]) == (False, True)
        assert first[0] == second[0]
    async with Opened(tmp_path) as opened:
        assert (await opened.log.append_once(KIND, digest, frame(b"body", digest)))[1], "known from its frame"
        segment = await opened.log.next_sealed(KIND)
        assert segment.frames == 1
        await opened.log.done(segment)
    async with Opened(tmp_path) as opened:
        assert opened.log.segments_waiting == 0
        position, known = await opened.log.append_once(KIND, digest, frame(b"body", digest))
        assert known, "known from the journal"
        assert await opened.log.wait_visible(position, 0.01)


async def test_a_sender_that_goes_away_is_still_remembered(opened: Opened) -> None:
    """Its body is appended all the same, so its retry is known: this is the lost answer that retries are about."""
    digest = digest_of(KIND, "key", b"body")
    gone = asyncio.create_task(opened.log.append_once(KIND, digest, frame(b"body", digest)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await opened.log.append_once(KIND, digest, frame(b"body", digest)))[1]
    assert (await opened.log.next_sealed(KIND)).frames == 1


async def test_a_refused_body_is_not_remembered(tmp_path: Path) -> None:
    """What failed for the first fails for those who waited with it, and is tried anew afterwards."""
    digest = digest_of(KIND, "key", b"body")
    async with Opened(tmp_path, disk_reserve_bytes=1 << 62) as opened:
        answers = await asyncio.gather(
            *(opened.log.append_once(KIND, digest, frame(b"body", digest)) for _ in range(2)), return_exceptions=True
        )
        assert all(isinstance(answer, Unavailable) for answer in answers)
        opened.log._disk_reserve_bytes = 0
        assert not (await opened.log.append_once(KIND, digest, frame(b"body", digest)))[1]


async def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    """503 `stopping`."""
    async with Opened(tmp_path) as opened:
        pass
    with pytest.raises(Unavailable) as caught:
        await opened.log.append(KIND, frame(b"late"))
    assert caught.value.code == "stopping"
