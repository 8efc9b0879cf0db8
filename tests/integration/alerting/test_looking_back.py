"""History by labels over a real workspace, of both kinds of databases."""

from typing import Any

from midwatch.server.alerting.config.model import compiled
from midwatch.server.alerting.looking_back import READ_MAX, look_back
from midwatch.server.protocols.alertmanager.matchers import read_matchers
from midwatch.server.workspace.alerting import Changes
from midwatch.server.workspace.models import AlertEventRow
from midwatch.server.workspace.workspace import Workspace

CHANGES = READ_MAX + 500
NOTHING: dict[str, Any] = {"group_key": "", "receiver": "", "by": "", "comment": "", "details": {}}


async def filled(workspace: Workspace) -> None:
    """The two oldest are of zone b, the newest is of team é."""
    rows = [
        {
            "at_ns": at,
            "kind": "firing",
            "rule": "Down" if at % 2 else "Slow",
            "fingerprint": f"{at:016x}",
            "labels": {"zone": "b" if at < 2 else "a"} | ({"team": "é"} if at == CHANGES - 1 else {}),
            **NOTHING,
        }
        for at in range(CHANGES)
    ]
    await workspace.alerting.keep(Changes(events=rows))


async def times(workspace: Workspace, text: str, **more: Any) -> tuple[list[int], Any]:
    matchers = [compiled(one) for one in read_matchers(text)]
    found = await look_back(workspace.alerting, matchers, **{"before": None, "limit": 10, **more})
    assert all(isinstance(row, AlertEventRow) for row in found.rows)
    return [row.at_ns for row in found.rows], found.next


async def test_a_label_is_found_however_far_back_and_a_pattern_goes_on_where_it_stopped(workspace: Workspace) -> None:
    """The database looks for a label's value by itself; what only Python can tell is looked for in parts."""
    await filled(workspace)
    assert (await times(workspace, "zone=b"))[0] == [1, 0]
    assert (await times(workspace, 'zone="b", alertname="Slow"'))[0] == [0]
    assert (await times(workspace, 'team="é"'))[0] == [CHANGES - 1]
    assert (await times(workspace, "alertname=Up"))[0] == []
    found, following = await times(workspace, "zone!=a")
    assert found == []
    assert following[0] == CHANGES - READ_MAX
    assert await times(workspace, "zone!=a", before=following) == ([1, 0], None)
    assert (await times(workspace, "zone!=b", limit=3))[0] == [CHANGES - 1, CHANGES - 2, CHANGES - 3]
