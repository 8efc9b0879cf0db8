"""When a group is evaluated: at the multiples of its interval, moved by a hash of its name, as Prometheus does.

So groups of one interval are spread over it, and a restart changes nothing of when each of them is due.
"""

from midwatch.server.promql.labels import hash_of, make
from midwatch.server.rules.model import Group


def offset_ms(group: Group) -> int:
    return hash_of(make({"file": group.file, "name": group.name})) % (group.interval_ms * 1_000_000) // 1_000_000


def last_due(group: Group, at_ms: int) -> int:
    """The newest evaluation time of the group that is not later."""
    offset = offset_ms(group)
    return (at_ms - offset) // group.interval_ms * group.interval_ms + offset


def next_due(group: Group, after_ms: int) -> int:
    """The first evaluation time of the group that is later."""
    return last_due(group, after_ms) + group.interval_ms
