"""Segments and dead letters under a key: nothing readable on disk, and every promise of the log as without one."""

import asyncio
import base64
import errno
import os
import pickle
import random
from pathlib import Path

import pytest
from tests.unit.wal.test_write_ahead_log import KIND, OTHER, Opened, frame

from midwatch.server.forward.parcels import count_bodies
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import Signal
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.wal import segment_files
from midwatch.server.wal.copies import CopiedLog
from midwatch.server.wal.dead_letters import EXPIRED, DeadLetters
from midwatch.server.wal.encryption import RECORD_BYTES_MAX, Encryption, content_bytes, read_content, require_keys
from midwatch.server.wal.frames import read_frame, scan

CANARY = b"canary-4711@example.org"
OLD = f"w1:{base64.b64encode(b'o' * 32).decode()}"
NEW = f"w2:{base64.b64encode(b'n' * 32).decode()}"
KEYS = WalKeys.of(OLD)
ROTATED = WalKeys.of(f"{NEW},{OLD}")


def texts(path: Path, keys: WalKeys = KEYS) -> list[bytes]:
    data = read_content(path, keys)
    return [bytes(read_frame(data, span)[1]) for span in scan(data) if span.intact]


def stored(segment: SealedSegment) -> list[bytes]:
    """What the store is given."""
    assert segment.pieces is not None
    data = memoryview(b"".join(segment.pieces()))
    assert len(data) == segment.size_bytes
    return [bytes(read_frame(data, span)[1]) for span in scan(data)]


def on_disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("keys", [NO_KEYS, KEYS], ids=["control", "encrypted"])
async def test_nothing_of_a_body_or_a_letter_is_readable_on_disk(tmp_path: Path, keys: WalKeys) -> None:
    """Segment, letter, and the store's error that quotes the value; without a key all three hold it."""
    async with Opened(tmp_path, keys) as opened:
        await opened.log.append(KIND, frame(CANARY))
        await opened.log.append(OTHER, frame(CANARY))
        assert (CANARY in on_disk(tmp_path / "wal")) == (keys is NO_KEYS)
        await opened.log.bury(await opened.log.next_sealed(KIND), f"cannot read {CANARY.decode()}")
        assert (CANARY in on_disk(tmp_path / "letters")) == (keys is NO_KEYS)
        (letter,) = opened.letters.all()
        assert CANARY.decode() in letter.error
        assert CANARY.decode() in opened.letters.preview(letter.id)


async def test_frames_come_back_in_order_also_after_a_restart_and_under_an_older_key(tmp_path: Path) -> None:
    """Large bodies are several records; what an older key encrypted is read, and a plain segment as well."""
    bodies = [b"%d" % number for number in range(50)] + [os.urandom(3 * RECORD_BYTES_MAX + 7)]
    async with Opened(tmp_path) as opened:
        await opened.log.append(OTHER, frame(b"plain"))
    async with Opened(tmp_path, KEYS) as opened:
        for body in bodies:
            await opened.log.append(KIND, frame(body))
    async with Opened(tmp_path, ROTATED) as opened:
        segment = await opened.log.next_sealed(KIND)
        assert (stored(segment), segment.recovered) == (bodies, True)
        assert segment.size_bytes == content_bytes(segment.path) < segment.path.stat().st_size
        assert stored(await opened.log.next_sealed(OTHER)) == [b"plain"]
        await opened.log.append(KIND, frame(b"newer"))
        newer = await opened.log.next_sealed(KIND)
        assert texts(newer.path, ROTATED) == [b"newer"]
        with pytest.raises(Unavailable, match="the key w2"):
            read_content(newer.path, KEYS)


async def test_a_missing_or_another_key_is_told_with_its_id_and_touches_nothing(tmp_path: Path) -> None:
    """No key, one of another id, and one that is called the same."""
    async with Opened(tmp_path, KEYS) as opened:
        await opened.log.append(KIND, frame(b"kept"))
    (path,) = (tmp_path / "wal").glob("*.wal")
    before = path.read_bytes()
    for keys in (NO_KEYS, WalKeys.of(NEW)):
        with pytest.raises(Unavailable, match="encrypted with the key w1, which is not among wal_key; put that key"):
            require_keys([path], keys)
    with pytest.raises(Unavailable, match="encrypted with another key than the w1 of wal_key"):
        require_keys([path], WalKeys.of(NEW.replace("w2", "w1")))
    require_keys([path], ROTATED)
    assert path.read_bytes() == before


async def test_every_flipped_byte_is_seen_and_costs_its_record_alone(tmp_path: Path) -> None:
    """Wherever it is: in a header (there are two), a marker, a length, a number, a tag, or within."""
    async with Opened(tmp_path, KEYS) as opened:
        for number in range(5):
            await opened.log.append(KIND, frame(b"body %d" % number * 9))
    (path,) = (tmp_path / "wal").glob("*.wal")
    whole, every = path.read_bytes(), texts(path)
    assert len(every) == 5
    size = content_bytes(path)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        left = texts(path)
        assert len(left) >= 4, place
        assert set(left) <= set(every)
        assert len(read_content(path, KEYS)) == content_bytes(path)
        if len(left) == 5:
            assert content_bytes(path) == size, "a header was hit"


async def test_a_record_is_good_for_its_place_alone(tmp_path: Path) -> None:
    """Two swapped, one from another segment, one twice: none of these is read."""
    async with Opened(tmp_path, KEYS) as opened:
        for body in (b"one", b"two"):
            await opened.log.append(KIND, frame(body))
            await opened.log.append(OTHER, frame(body))
    (path,), (other,) = (list((tmp_path / "wal").glob(f"*.{kind}.wal")) for kind in (KIND, OTHER))
    assert texts(path) == texts(other) == [b"one", b"two"]
    header = len(Encryption(KEYS.keys[0], "x").header)
    content, foreign = path.read_bytes(), other.read_bytes()
    half = (len(content) - header) // 2
    head, one, two = content[:header], content[header : header + half], content[header + half :]
    for forged in (head + two + one, head + foreign[header:], foreign[:header] + one + two):
        path.write_bytes(forged)
        assert texts(path) == []
    path.write_bytes(head + one + one)
    assert texts(path) == [b"one"]


async def test_a_torn_end_is_cut_wherever_it_is_torn(tmp_path: Path) -> None:
    """After any crash all that was acknowledged is there, and the log goes on."""
    async with Opened(tmp_path, KEYS) as opened:
        await opened.log.append(KIND, frame(b"acknowledged"))
        (path,) = (tmp_path / "wal").glob("*.wal")
        acknowledged = path.stat().st_size
        await opened.log.append(KIND, frame(b"torn"))
    whole = path.read_bytes()
    for size in range(acknowledged, len(whole)):
        path.write_bytes(whole[:size])
        async with Opened(tmp_path, KEYS) as opened:
            assert texts((await opened.log.next_sealed(KIND)).path) == [b"acknowledged"]


@pytest.mark.parametrize("size", [0, 3, 8, 60, 130, 200])
async def test_a_header_that_is_torn_is_no_segment(tmp_path: Path, size: int) -> None:
    """Nothing was acknowledged then."""
    (tmp_path / "wal").mkdir()
    path = tmp_path / "wal" / f"{1:032x}.{KIND}.wal"
    path.write_bytes(Encryption(KEYS.keys[0], "x").header[:size])
    require_keys([path], KEYS)
    async with Opened(tmp_path, KEYS) as opened:
        assert (opened.log.segments_waiting, opened.letters.count, path.exists()) == (0, 0, False)


async def test_a_full_disk_leaves_no_half_record_and_no_nonce_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was cut back was encrypted under numbers that are not used again."""
    async with Opened(tmp_path, KEYS) as opened:
        await opened.log.append(KIND, frame(b"before"))
        (path,) = (tmp_path / "wal").glob("*.wal")
        whole, torn = segment_files.write_all, []

        def half(descriptor: int, parts: list[bytes]) -> int:
            torn.append(b"".join(parts))
            os.write(descriptor, torn[0][:20])
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(segment_files, "write_all", half)
        with pytest.raises(Unavailable):
            await opened.log.append(KIND, frame(b"refused"))
        monkeypatch.setattr(segment_files, "write_all", whole)
        end = path.stat().st_size
        await opened.log.append(KIND, frame(b"after"))
        segment = await opened.log.next_sealed(KIND)
        assert stored(segment) == [b"before", b"after"]
        assert path.read_bytes()[end + 8 : end + 16] != torn[0][8:16]


async def test_halves_and_a_letter_that_is_tried_again(tmp_path: Path) -> None:
    """Split under a newer key, buried, retried, buried again: the same frame each time."""
    async with Opened(tmp_path, KEYS) as opened:
        await opened.log.append(KIND, frame(b"good"))
        await opened.log.append(KIND, frame(CANARY))
    async with Opened(tmp_path, ROTATED) as opened:
        halves = await opened.log.split(await opened.log.next_sealed(KIND))
        assert [stored(half) for half in halves] == [[b"good"], [CANARY]]
        await opened.log.done(halves[0])
        await opened.log.bury(halves[1], "poison")
        (letter,) = opened.letters.all()
        assert opened.letters.is_whole(letter.id)
        await opened.log.retry(letter.id)
        again = await opened.log.next_sealed(KIND)
        assert stored(again) == [CANARY]
        await opened.log.bury(again, "poison")
    assert CANARY not in on_disk(tmp_path)
    letters = DeadLetters(tmp_path / "letters", VirtualClock(), ROTATED)
    assert [CANARY.decode() in letters.preview(one.id) for one in letters.all()] == [True]


async def test_a_copy_is_encrypted_and_whole_while_something_is_written(tmp_path: Path) -> None:
    """What is being written is left out, a batch as a whole; the copy opens as a log of its own."""
    async with Opened(tmp_path, KEYS) as opened:
        log = CopiedLog(opened.log, tmp_path / "wal")
        await opened.log.append(KIND, frame(b"whole"))
        (path,) = (tmp_path / "wal").glob("*.wal")
        await log.begin(tmp_path / "copy")
        with path.open("ab") as file:
            # The first of several records of a batch, as a crash between two writes leaves it.
            torn = Encryption(KEYS.keys[0], "x").records([b"".join(frame(bytes(2 * RECORD_BYTES_MAX)))], 0)
            file.write(b"".join(torn[:2]))
        await log.end(tmp_path / "copy")
        assert texts(tmp_path / "copy" / path.name) == [b"whole"]
        assert len(read_content(tmp_path / "copy" / path.name, KEYS)) == len(b"".join(frame(b"whole")))


async def test_what_is_read_from_somewhere_on_is_what_stands_there(tmp_path: Path) -> None:
    """Forwarding reads a growing segment from where it left off, up to what is acknowledged; in another process."""
    chance = random.Random(5)
    async with Opened(tmp_path, KEYS) as opened:
        for _ in range(30):
            await opened.log.append(KIND, frame(chance.randbytes(chance.randrange(1, 90_000))))
        (path,) = (tmp_path / "wal").glob("*.wal")
        keys = pickle.loads(pickle.dumps(KEYS))
        whole = bytes(read_content(path, keys))
        for _ in range(40):
            start, end = sorted((chance.randrange(len(whole)), chance.randrange(len(whole))))
            assert bytes(read_content(path, keys, start, end)) == whole[start:end]
        assert count_bodies(path, keys, 0, len(whole)) == 30


async def test_many_at_once_share_few_records(tmp_path: Path) -> None:
    """A group commit is one record, however many bodies it is of."""
    async with Opened(tmp_path, KEYS) as opened:
        await asyncio.gather(*(opened.log.append(KIND, frame(b"%d" % number)) for number in range(100)))
        segment = await opened.log.next_sealed(KIND)
        assert stored(segment) == [b"%d" % number for number in range(100)]
        assert segment.path.stat().st_size - segment.size_bytes < 20 * 32 + 400


@pytest.mark.parametrize("text", ["", "w1", "w1:short", "w1:" + "A" * 43 + "!", f"{OLD},{OLD}", "1:" + "A" * 43])
def test_a_key_that_is_none_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        WalKeys.of(text)
    assert "AAAA" not in str(caught.value)
    assert "oooo" not in repr(KEYS)
    assert "b'o" not in repr(KEYS)


def test_a_letter_whose_facts_are_damaged_stops_nothing(tmp_path: Path) -> None:
    """It is not listed, and its files are left to whoever looks at the log."""
    letters = DeadLetters(tmp_path, VirtualClock(), KEYS)
    for name in ("one", "two"):
        letters.keep(b"".join(frame(name.encode())), KIND, name, letter_id=name)
    facts = tmp_path / "one.json"
    facts.write_bytes(facts.read_bytes()[:-1] + b"?")
    again = DeadLetters(tmp_path, VirtualClock(), KEYS)
    assert ([letter.id for letter in again.all()], facts.exists()) == (["two"], True)


def test_letters_go_for_their_age_and_are_counted(tmp_path: Path) -> None:
    """The older ones, by key and signal; 0 keeps all."""
    clock = VirtualClock()
    letters = DeadLetters(tmp_path, clock, KEYS)
    letters.keep(b"".join(frame(b"old")), KIND, "why")
    clock.advance(3600)
    letters.keep(b"".join(frame(b"young")), KIND, "why")
    clock.advance(3600)
    letters.sweep(0)
    assert letters.count == 2
    letters.sweep(5400)
    assert ["young" in letters.preview(one.id) for one in letters.all()] == [True]
    assert letters.gone_for(EXPIRED) == letters.gone["key", Signal.TRACES, EXPIRED].count == 1
    assert len(list(tmp_path.iterdir())) == 2
