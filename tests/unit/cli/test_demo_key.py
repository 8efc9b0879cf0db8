"""The demo's ingest key."""

import re
from pathlib import Path

from midwatch.cli.parts import kept_secret


def test_its_key_fits_into_a_dsn_and_stays(tmp_path: Path) -> None:
    """Sentry's JavaScript SDKs take no dash in one, and say nothing about it."""
    key = kept_secret(tmp_path / "key", "mwk_demo_")
    assert re.fullmatch(r"\w{30,}", key)
    assert kept_secret(tmp_path / "key", "mwk_demo_") == key
