"""Opens what cleans and what erases, with the rooms that they go through."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.config import Settings
from midwatch.server.model.blobs import Blobs
from midwatch.server.privacy.cleaner import CellCleaner
from midwatch.server.privacy.erasure.eraser import Eraser, Leases, Replays
from midwatch.server.privacy.ids import id_key
from midwatch.server.privacy.in_force import PrivacyInForce
from midwatch.server.store.client import Store
from midwatch.server.store.erasing import StoreErasing
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.erasing import WorkspaceErasing
from midwatch.server.workspace.workspace import Workspace


def open_eraser(
    store: Store,
    workspace: Workspace,
    blobs: Blobs,
    replays: Replays,
    letters: DeadLetters,
    wal: WriteAheadLog,
    leases: Leases,
    policy: Callable[[], PrivacyPolicy],
) -> Eraser:
    return Eraser(
        StoreErasing(store),
        WorkspaceErasing(workspace.database),
        blobs,
        replays,
        letters,
        wal,
        workspace,
        leases,
        policy,
    )


async def open_privacy(
    settings: Settings, workspace: Workspace, leases: Leases, stack: AsyncExitStack
) -> tuple[PrivacyInForce, CellCleaner]:
    """What is private by the plan, and the pool that cleans what has to be read closely."""
    async with leases.hold("privacy-ids"):
        ids = await id_key(workspace)
    privacy = PrivacyInForce(settings.privacy_keys(), ids)
    cleaner = CellCleaner(lambda: privacy.policy)
    stack.callback(cleaner.close)
    return privacy, cleaner
