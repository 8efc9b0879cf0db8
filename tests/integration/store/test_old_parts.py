"""What an erasure has rewritten goes off the disk soon, and its table is as it was afterwards."""

import asyncio

import anyio

from midwatch.server.store.client import Store
from midwatch.server.store.erasing import StoreErasing

TABLE = "set_aside"
SOON_SECONDS = 30.0
"""What takes old parts away sleeps for minutes where nobody wakes it."""


async def rewritten(store: Store) -> StoreErasing:
    """A table with a part that a mutation has left behind."""
    await store.execute(f"INSERT INTO {TABLE} (Project, ReceivedAt) VALUES (1, now64(3)), (2, now64(3))")
    erasing = StoreErasing(store)
    await erasing.change(TABLE, "DELETE WHERE Project = 1")
    return erasing


async def lifetime(store: Store) -> bool:
    """Whether the table still has a setting of its own."""
    of = "FROM system.tables WHERE database = currentDatabase() AND name = {table:String}"
    (row,) = await store.rows(f"SELECT create_table_query AS sql {of}", {"table": TABLE})
    return "old_parts_lifetime" in row["sql"]


async def test_they_go_soon(store: Store) -> None:
    erasing = await rewritten(store)
    async with asyncio.timeout(SOON_SECONDS):
        await erasing.forget_parts([TABLE])
    of = "FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND NOT active"
    assert (await store.rows(f"SELECT count() AS n {of}", {"table": TABLE}))[0]["n"] == 0
    assert not await lifetime(store)


async def test_who_goes_away_leaves_the_table_as_it_was(store: Store) -> None:
    """The server cancels whatever a request still waits for once its connection ends, again and again."""
    erasing = await rewritten(store)
    async with anyio.create_task_group() as request:
        request.start_soon(erasing.forget_parts, [TABLE])
        async with asyncio.timeout(SOON_SECONDS):
            while not await lifetime(store):
                await asyncio.sleep(0.05)
        request.cancel_scope.cancel()
    async with asyncio.timeout(SOON_SECONDS):
        while await lifetime(store):
            await asyncio.sleep(0.05)
