"""Which frames of a stack are the app's."""

import json

import pytest

from midwatch.contract.redaction.values import Redactor
from midwatch.sdk.events import about
from midwatch.sdk.frames import Frames


def test_neither_the_sdk_nor_a_library_is_the_app() -> None:
    """The SDK is none wherever it is installed from, here from a checkout; the locals of both stay untold."""
    for call, module in ((lambda: about(7, None, "", ""), "midwatch.sdk"), (lambda: json.loads("{"), "json")):
        with pytest.raises((AttributeError, ValueError)) as raised:
            call()
        frames = Frames(Redactor(), with_locals=True).of(raised.value.__traceback__)
        theirs = [one for one in frames if one["module"].startswith(module)]
        assert theirs
        assert not any(one["in_app"] or "locals" in one for one in theirs)
        assert all(one["in_app"] for one in frames if one["module"] == __name__)
