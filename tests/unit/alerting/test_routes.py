"""The tree of routes: who takes which alert, under which key, and with what it inherits."""

import pytest
from tests.unit.alerting.kinds import configured

from midwatch.server.alerting.route import ask, group_labels

TREE = """
route:
  receiver: floor
  group_by: [alertname]
  routes:
    - match: {crew: deck}
      receiver: deck
      routes:
        - match: {stage: trial}
          receiver: trial
          group_by: ['...']
        - match: {stage: live}
          receiver: deck-first
          group_wait: 1m
          continue: true
        - match_re: {stage: 'li.*', unit: '.+'}
          receiver: deck-second
          group_wait: 20s
          group_interval: 2m
          repeat_interval: 1h
          group_by: [unit]
    - match_re: {crew: engine|bilge}
      receiver: engine
      group_by: [pump, valve]
    - matchers: ['port!="", port!~"a.*"']
      group_by: []
      continue: true
    - matchers: [port=c]
      receiver: pilot
receivers:
  [{name: floor}, {name: deck}, {name: trial}, {name: deck-first}, {name: deck-second}, {name: engine}, {name: pilot}]
"""


@pytest.mark.parametrize(
    ("labels", "receivers", "keys"),
    [
        ({}, ["floor"], ["{}"]),
        ({"crew": "deck"}, ["deck"], ['{}/{crew="deck"}']),
        ({"crew": "deck", "stage": "dock"}, ["deck"], ['{}/{crew="deck"}']),
        ({"crew": "deck", "stage": "trial"}, ["trial"], ['{}/{crew="deck"}/{stage="trial"}']),
        ({"crew": "deck", "stage": "live"}, ["deck-first"], ['{}/{crew="deck"}/{stage="live"}']),
        (
            {"crew": "deck", "stage": "live", "unit": "7"},
            ["deck-first", "deck-second"],
            ['{}/{crew="deck"}/{stage="live"}', '{}/{crew="deck"}/{stage=~"^(?:li.*)$",unit=~"^(?:.+)$"}'],
        ),
        ({"crew": "bilge"}, ["engine"], ['{}/{crew=~"^(?:engine|bilge)$"}']),
        ({"crew": "bilgex"}, ["floor"], ["{}"]),
        ({"port": "b"}, ["floor"], ['{}/{port!="",port!~"a.*"}']),
        ({"port": "c"}, ["floor", "pilot"], ['{}/{port!="",port!~"a.*"}', '{}/{port="c"}']),
        ({"port": "abc"}, ["floor"], ["{}"]),
        ({"port": "b\nc"}, ["floor"], ['{}/{port!="",port!~"a.*"}']),
    ],
)  # fmt: skip
def test_alerts_go_to_the_deepest_routes_that_take_them(
    labels: dict[str, str], receivers: list[str], keys: list[str]
) -> None:
    """The first sibling that takes it ends the search, unless it goes on; keys are Alertmanager's."""
    found = configured(TREE).root.match(labels)
    assert [route.options.receiver for route in found] == receivers
    assert [route.key for route in found] == keys


def test_routes_inherit_what_they_do_not_say() -> None:
    """Receiver, grouping and times come from above; nothing by which a group is muted does."""
    root = configured(TREE).root
    by_receiver = {route.options.receiver: route.options for route in root.walk()}
    assert by_receiver["deck"].group_by == {"alertname"}
    assert by_receiver["trial"].group_by_all
    assert by_receiver["deck-first"].group_wait_ns == 60 * 10**9
    second = by_receiver["deck-second"]
    times = (second.group_wait_ns, second.group_interval_ns, second.repeat_interval_ns)
    assert times == (20 * 10**9, 120 * 10**9, 3600 * 10**9)
    labels = {"alertname": "Leak", "pump": "1"}
    assert group_labels(root.options, labels) == {"alertname": "Leak"}
    assert group_labels(by_receiver["trial"], labels) == labels
    assert group_labels(by_receiver["engine"], labels) == {"pump": "1"}
    assert group_labels(root.routes[2].options, labels) == {}


def test_ids_tell_routes_of_one_key_apart() -> None:
    """Two siblings may have the same matchers."""
    root = configured(
        "route: {receiver: a, routes: [{matchers: [x=y], continue: true}, {matchers: [x=y]}]}\nreceivers: [{name: a}]"
    ).root
    first, second = root.match({"x": "y"})
    assert first.key == second.key == '{}/{x="y"}'
    assert (first.id, second.id) == ('{}/{x="y"}/0', '{}/{x="y"}/1')


def test_asking_tells_every_route_that_was_asked() -> None:
    """With the matcher that failed, who is chosen, and where the search ended."""
    steps = ask(configured(TREE).root, {"crew": "deck", "stage": "live"})
    told = [(one.depth, one.route.matchers_text, one.taken, one.chosen, one.ends) for one in steps]
    assert told == [
        (0, "{}", True, False, False),
        (1, '{crew="deck"}', True, False, True),
        (2, '{stage="trial"}', False, False, False),
        (2, '{stage="live"}', True, True, False),
        (2, '{stage=~"^(?:li.*)$",unit=~"^(?:.+)$"}', False, False, False),
    ]
    assert steps[2].failed is not None
    assert steps[2].failed.name == "stage"
