"""The noise report: what became of a rule's alerts, and what would mend it."""

import pytest

from midwatch.server.alerting.noise import Line, RuleNoise, noise

MINUTE = 60 * 10**9


def lines(*told: tuple[float, str, str]) -> list[Line]:
    """Minute, kind, alert; the rule is the alert's first letter."""
    return [(int(at * MINUTE), kind, alert[0], alert, "g", "ada") for at, kind, alert in told]


def lives(count: int, *, minutes: float, apart: float, acknowledged: bool = False) -> list[tuple[float, str, str]]:
    """So many firings of one alert, each told of."""
    found: list[tuple[float, str, str]] = []
    for number in range(count):
        began = number * apart
        found += [(began, "firing", "a1"), (began + 0.5, "notified", "a")]
        found += [(began + 0.6, "acknowledged", "a1")] if acknowledged else []
        found.append((began + minutes, "resolved", "a1"))
    return found


def of(*told: tuple[float, str, str]) -> RuleNoise:
    (found,) = noise(lines(*told))
    return found


def test_what_became_of_each_firing_is_counted() -> None:
    """Acknowledged, slept through, flapped, silenced; one that still fires is none of these yet."""
    found = of(
        *lives(2, minutes=30, apart=35),
        (100, "firing", "a2"),
        (101, "notified", "a"),
        (102, "acknowledged", "a2"),
        (150, "resolved", "a2"),
        (200, "firing", "a3"),
        (201, "silenced", "a3"),
        (202, "resolved", "a3"),
        (300, "firing", "a4"),
        (301, "notified", "a"),
    )
    assert (found.fired, found.notified) == (5, 4)
    assert (found.acknowledged, found.slept_through, found.flapped, found.silenced) == (1, 2, 1, 1)
    assert found.seconds == 1800


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (lives(5, minutes=30, apart=40), "keep_firing_for"),
        (lives(5, minutes=2, apart=60), "let `for` be longer"),
        (lives(5, minutes=30, apart=600), "route it to a ticket"),
        ([(at * 60, kind, "a1") for at in range(3) for kind in ("firing", "silenced", "resolved")], "silenced"),
    ],
)
def test_what_would_mend_it_is_said(told: list[tuple[float, str, str]], said: str) -> None:
    """For each kind of noise."""
    assert any(said in one for one in of(*told).suggestions), of(*told)


@pytest.mark.parametrize("told", [lives(2, minutes=2, apart=5), lives(9, minutes=60, apart=600, acknowledged=True)])
def test_nothing_is_said_of_few_alerts_and_of_good_ones(told: list[tuple[float, str, str]]) -> None:
    """Two say nothing, and what people acknowledge is no noise."""
    assert of(*told).suggestions == []


def test_the_noisiest_rule_comes_first() -> None:
    """By what nobody acted on."""
    told = [
        (0, "firing", "b1"),
        (1, "notified", "b"),
        (2, "resolved", "b1"),
        (3, "firing", "c1"),
        (4, "resolved", "c1"),
    ]
    assert [one.rule for one in noise(lines(*told))] == ["b", "c"]
