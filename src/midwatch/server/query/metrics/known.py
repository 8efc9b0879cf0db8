"""What is remembered of series from one question to the next; none of it can make an answer wrong.

An id is the hash of its labels, so that labels by id stay true whatever is stored, deleted or expires, and whichever
server did it. How many series a selector found says only how to ask for them the next time.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from midwatch.server.promql.labels import Labels

SERIES_MAX = 40_000
"""Labels that are kept: some 500 bytes a series of ten labels, most of which others have too."""
SELECTORS_MAX = 20_000
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A mapping that forgets what was not asked for lately: between half of `most` entries and all of them stay."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        found = self._young.get(key)
        if found is None and (found := self._old.pop(key, None)) is not None:
            self._put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        self._old.pop(key, None)
        self._put(key, value)

    def _put(self, key: K, value: V) -> None:
        self._young[key] = value
        if len(self._young) * 2 > self._most:
            self._old, self._young = self._young, {}


class KnownSeries:
    """Of one server. Used from the event loop."""

    def __init__(self) -> None:
        self._labels: Recent[int, Labels] = Recent(SERIES_MAX)
        self._counts: Recent[int, int] = Recent(SELECTORS_MAX)
        self._looked_up: Recent[int, bool] = Recent(SELECTORS_MAX)

    def labels_of(self, ids: Iterable[int]) -> dict[int, Labels]:
        """Labels of those that are known."""
        get = self._labels.get
        return {one: labels for one in ids if (labels := get(one)) is not None}

    def learn(self, labels: Mapping[int, Labels]) -> None:
        """Keep labels by id, where there are not so many that they would drive out all others."""
        if len(labels) * 2 <= SERIES_MAX:
            for one, pairs in labels.items():
                self._labels.put(one, pairs)

    def count_of(self, selector: Hashable) -> int | None:
        """About how many series a selector found, where it was seen lately and one statement can answer it."""
        return None if self._looked_up.get(hash(selector)) else self._counts.get(hash(selector))

    def found(self, selector: Hashable, count: int) -> None:
        # The hash is enough: two selectors of one hash are asked for in a way that suits the other.
        self._counts.put(hash(selector), count)

    def look_up(self, selector: Hashable) -> None:
        """One statement was too little for it: its series are looked up first from now on."""
        self._looked_up.put(hash(selector), True)
