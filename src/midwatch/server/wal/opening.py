"""Which keys the log opens with, and whether they are those that it takes."""

import os
from pathlib import Path

from midwatch.server.config import Settings
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.wal_keys import WalKeys
from midwatch.server.wal.encryption import require_keys

ENCRYPTED = ("wal/*", "dead-letters/*", "forward/*/*")
"""Where files below the data directory may be, if a key is set."""


def wal_keys(settings: Settings, data: Path) -> WalKeys:
    """
    Raises:
        Unavailable: something below the data directory is encrypted with a key that is not among them.
    """
    keys = settings.wal_keys()
    if keys.newest is not None and settings.store == "chdb" and not hasattr(os, "memfd_create"):
        raise Unavailable("wal_key: the embedded engine takes decrypted segments from memory on Linux alone: unset it")
    found = [path for folder in ENCRYPTED for path in data.glob(folder) if path.is_file()]
    require_keys(sorted(found), keys)
    return keys
