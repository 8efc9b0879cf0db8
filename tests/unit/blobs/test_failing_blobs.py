"""A disk or an object store that fails is unavailable, whatever is asked of it: who asks tries again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import S3Store

from midwatch.server.blobs.directory import DirectoryBlobs
from midwatch.server.blobs.object_store import ObjectBlobs
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.errors import Unavailable


async def _listed(blobs: Blobs) -> object:
    return [info async for info in blobs.list("replays")]


ASKED: dict[str, Callable[[Blobs], Awaitable[object]]] = {
    "put": lambda blobs: blobs.put("replays/1", b"x"),
    "get": lambda blobs: blobs.get("replays/1"),
    "drop": lambda blobs: blobs.drop("replays/1"),
    "list": _listed,
}


@pytest.mark.parametrize("asked", ASKED)
async def test_an_object_store_that_does_not_answer(asked: str) -> None:
    """Nobody listens there."""
    retry = {"max_retries": 0, "retry_timeout": timedelta(seconds=1)}
    store = S3Store(
        "bucket",
        endpoint="http://127.0.0.1:9",
        region="x",
        skip_signature=True,
        client_options={"allow_http": True},
        retry_config=retry,  # type: ignore[arg-type]
    )
    with pytest.raises(Unavailable, match=r"cannot \w+ the blob replays"):
        await ASKED[asked](ObjectBlobs(store))


async def test_a_disk_that_does_not_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be deleted now can be later."""

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    blobs = DirectoryBlobs(tmp_path)
    await blobs.put("replays/1/a", b"x")
    monkeypatch.setattr("midwatch.server.blobs.directory.shutil.rmtree", refused)
    with pytest.raises(Unavailable, match="cannot delete the blob replays/1: Permission denied"):
        await blobs.drop("replays/1")
