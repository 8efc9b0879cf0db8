"""The INSERTs of segments, as the engine takes them."""

import pytest

from midwatch.server.engine.statement import split_insert
from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.flatten import FLATTENINGS


@pytest.mark.parametrize("kind", FLATTENINGS)
def test_every_statement_says_where_its_data_begins(kind: SegmentKind) -> None:
    """A segment's INSERT, and those that complete it, end in their format; no word before is taken for data."""
    flattening = FLATTENINGS[kind]
    for one in filter(None, (flattening, flattening.plain)):
        for sql in (one.insert(), *(one.insert_missing(target) for target in one.staging.targets)):
            found = split_insert(sql.encode())
            assert found is not None, sql[:80]
            assert (found[1], found[2]) == ("Protobuf", len(sql.encode()))
