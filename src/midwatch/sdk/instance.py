"""Which process it is that sends: two workers of one app must not write over each other's counters."""

import multiprocessing
import os
import sys
from collections.abc import Mapping

from midwatch.sdk import forks
from midwatch.sdk.context import new_id
from midwatch.sdk.wire.resource import resource

INSTANCE = "service.instance.id"


class Instance:
    """The resource of this process, encoded; a fork is an instance of its own."""

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self._attributes = attributes
        given = attributes.get(INSTANCE)
        if given and _is_one_of_several():
            given = f"{given}-{os.getpid()}"
        self.encoded = resource({**attributes, INSTANCE: given or new_id()})
        forks.in_child(self._forked)

    def _forked(self) -> None:
        given = self._attributes.get(INSTANCE)
        own = f"{given}-{os.getpid()}" if given else new_id()
        self.encoded = resource({**self._attributes, INSTANCE: own})


def _is_one_of_several() -> bool:
    """Workers that were started, and not forked after `init`, are all given the same id by their environment."""
    started = multiprocessing.parent_process() is not None
    return started or "gunicorn.arbiter" in sys.modules or bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
