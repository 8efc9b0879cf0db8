"""Opens what erases, with the rooms that it goes through."""

from collections.abc import Callable

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.blobs import Blobs
from midwatch.server.privacy.erasure.eraser import Eraser, Leases, Replays
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
