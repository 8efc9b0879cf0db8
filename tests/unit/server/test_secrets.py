"""Secrets that people hold."""

import re

from midwatch.server.workspace.secrets import KEY_PREFIX, new_secret


def test_a_key_can_stand_in_a_dsn_of_any_sentry_sdk() -> None:
    """Those for JavaScript take letters, digits and underscores alone, and send nothing otherwise."""
    assert all(re.fullmatch(r"\w+", new_secret(KEY_PREFIX)) for _ in range(100))
