"""Signs that statements of one segment put for one another; none of them reaches a table."""

CODE = 395
"""ClickHouse's exception code of `throwIf`, which nothing else here calls."""
NOT_PLAIN = "not every attribute is plain"
SUSPICIOUS = "a value may be private"
"""Messages that go with it."""
REMOVED_HERE = "[removed]\x01"
"""What a denied key's value becomes, so that it is told from what its sender removed."""
KEPT = "="
"""Stands before what came back of a cell: of one that did not, a table of answers gives an empty text."""
DROPPED = "\x02"
"""Came back of a cell that is left out with its key."""
