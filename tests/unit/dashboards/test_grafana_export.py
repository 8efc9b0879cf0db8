"""The model → Grafana's JSON."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midwatch.server.dashboards.grafana.export import export_grafana
from midwatch.server.dashboards.grafana.read import read_grafana
from midwatch.server.dashboards.report import Refused
from midwatch.server.schemas.dashboards.board import BoardGrid
from tests.unit.dashboards.reading import board, with_panel

BOARDS = ("modern", "old", "resource")


@pytest.mark.parametrize("name", BOARDS)
def test_an_unchanged_board_goes_out_as_it_came(name: str) -> None:
    """To the last field, also those that nothing here knows."""
    source = board(name)
    assert export_grafana(read_grafana(source).dashboard, source) == source


@pytest.mark.parametrize("name", BOARDS)
def test_what_the_model_writes_it_reads_again(name: str) -> None:
    """Without the original: nothing that is drawn is lost."""
    read = read_grafana(board(name)).dashboard
    assert read_grafana(export_grafana(read)).dashboard.model_dump() == read.model_dump()


def test_a_change_touches_nothing_else() -> None:
    """A new title of one panel: everything else of the original is as it was."""
    source = board("modern")
    changed = read_grafana(source).dashboard.model_copy(deep=True)
    changed.panels[0].title = "Asked"
    expected = copy.deepcopy(source)
    expected["panels"][0]["title"] = "Asked"
    assert export_grafana(changed, source) == expected


@pytest.mark.parametrize("name", BOARDS)
def test_a_changed_board_reads_as_it_was_changed(name: str) -> None:
    """Queries, units, places, a panel more and one less, with the original at hand."""
    source = board(name)
    changed = read_grafana(source).dashboard.model_copy(deep=True)
    first, last = changed.rows[0], changed.rows[-1]
    first.panels[0].queries[0].text = "sum(up)"
    first.panels[0].fields.defaults.unit = "ms"
    added = first.panels[0].model_copy(deep=True, update={"id": 900, "grid": BoardGrid(y=20)})
    first.panels.append(added)
    last.panels.pop()
    last.title = "Renamed"
    again = read_grafana(export_grafana(changed, source)).dashboard
    assert again.model_dump() == changed.model_dump()


def test_an_old_panel_that_is_changed_becomes_one_of_today() -> None:
    """Its neighbours stay what they are."""
    source = board("old")
    changed = read_grafana(source).dashboard.model_copy(deep=True)
    changed.panels[1].title = "Alive"
    exported = export_grafana(changed, source)
    types = {panel["id"]: panel["type"] for panel in exported["panels"]}
    assert (types[1], types[2]) == ("graph", "stat")


def test_searches_of_ours_come_back() -> None:
    """Grafana has no such source: it is written so that Midwatch reads it again."""
    source = board("modern")
    changed = read_grafana(source).dashboard.model_copy(deep=True)
    traces = next(panel for panel in changed.panels if panel.options.kind == "traces")
    traces.queries[0].text = "service:shop error:true"
    again = read_grafana(export_grafana(changed, source)).dashboard
    found = next(panel for panel in again.panels if panel.options.kind == "traces").queries[0]
    assert (found.language, found.text) == ("traces", "service:shop error:true")


def test_sources_that_are_not_named_are_asked_for() -> None:
    """The board has an input for each, as Grafana's own export for sharing has."""
    source = with_panel(targets=[{"refId": "A", "expr": "up"}], datasource=None)
    exported = export_grafana(read_grafana(source).dashboard)
    assert [(one["name"], one["pluginId"]) for one in exported["__inputs"]] == [("DS_PROMETHEUS", "prometheus")]
    assert exported["panels"][0]["targets"][0]["datasource"]["uid"] == "${DS_PROMETHEUS}"


def test_a_copy_has_its_own_uid() -> None:
    """The rest is the original."""
    source = board("modern")
    assert export_grafana(read_grafana(source, uid="copy").dashboard, source) == {**source, "uid": "copy"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [found for key, one in inner for found in _places(one, (*path, key))]


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(BOARDS), data=st.data())
def test_any_part_may_be_anything(name: str, data: st.DataObject) -> None:
    """With any value in any place a board is read or refused, never a crash; unchanged it goes out as it came."""
    source = board(name)
    path = data.draw(st.sampled_from(_places(source)[1:]))
    inner = source
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = data.draw(JSON)
    try:
        found = read_grafana(source)
    except Refused:
        return
    assert len(found.dashboard.panels) == found.report.panels
    assert read_grafana(export_grafana(found.dashboard)).dashboard.uid == found.dashboard.uid
    assert read_grafana(export_grafana(found.dashboard, source)).dashboard == found.dashboard
