"""A copy of the log while the writer works on it has every segment that was there, once."""

from pathlib import Path

from tests.unit.wal.test_write_ahead_log import KIND, OTHER, Opened, bodies, frame

from midwatch.server.wal.copies import CopiedLog


def copied(copy: Path) -> dict[str, int]:
    return {path.name: bodies(path) for path in copy.glob("*.wal")}


async def test_the_copy_has_what_was_there_and_what_came_and_went(tmp_path: Path) -> None:
    """Waiting at the beginning, stored meanwhile, made and stored meanwhile, waiting at the end."""
    async with Opened(tmp_path) as opened:
        log = CopiedLog(opened.log, tmp_path / "wal")
        await opened.log.append(KIND, frame(b"before"))
        before = await log.next_sealed(KIND)
        await log.begin(tmp_path / "copy")
        await log.done(before)
        await opened.log.append(KIND, frame(b"meanwhile"))
        meanwhile = await log.next_sealed(KIND)
        await log.done(meanwhile)
        await opened.log.append(OTHER, frame(b"waits"))
        await log.end(tmp_path / "copy")
        (waits,) = (tmp_path / "wal").glob("*.wal")
        assert copied(tmp_path / "copy") == {before.path.name: 1, meanwhile.path.name: 1, waits.name: 1}
        await opened.log.append(OTHER, frame(b"later"))
        assert copied(tmp_path / "copy")[waits.name] == 1
        await log.done(await log.next_sealed(OTHER))
        assert len(copied(tmp_path / "copy")) == 3


async def test_halves_take_the_place_of_their_parent(tmp_path: Path) -> None:
    """They have other ids: beside their parent, all of it would be stored twice."""
    async with Opened(tmp_path) as opened:
        log = CopiedLog(opened.log, tmp_path / "wal")
        await opened.log.append(KIND, frame(b"one"))
        await opened.log.append(KIND, frame(b"two"))
        await log.begin(tmp_path / "copy")
        halves = await log.split(await log.next_sealed(KIND))
        await log.done(halves[0])
        await log.end(tmp_path / "copy")
        assert copied(tmp_path / "copy") == {half.path.name: 1 for half in halves}


async def test_what_is_being_written_is_left_out(tmp_path: Path) -> None:
    """A frame of which only a part is on disk is acknowledged to nobody, and would become a dead letter."""
    async with Opened(tmp_path) as opened:
        log = CopiedLog(opened.log, tmp_path / "wal")
        await opened.log.append(KIND, frame(b"whole"))
        (path,) = (tmp_path / "wal").glob("*.wal")
        await log.begin(tmp_path / "copy")
        whole = path.read_bytes()
        with path.open("ab") as file:
            file.write(b"".join(frame(b"torn"))[:-3])
        await log.end(tmp_path / "copy")
        assert (tmp_path / "copy" / path.name).read_bytes() == whole
