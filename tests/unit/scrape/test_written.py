"""Pages of one target, one after another: what of them is written, and what is marked as gone."""

import struct
from typing import Any

import pytest

from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.scrape.relabel import relabeller
from midwatch.server.scrape.written import Outcome, TargetSeries

TARGET = (("instance", "here:1"), ("job", "shop"))
STALE = "stale"


def series(live: list[bytes] | None = None, **options: Any) -> TargetSeries:
    config = ScrapeConfig.model_validate({"job_name": "shop", **options})
    return TargetSeries(config, relabeller(config.metric_relabel_configs), TARGET, live or ())


def rows(bodies: list[tuple[bytes, int]]) -> dict[str, Any]:
    """By name and labels without the target's: the value, `stale`, or value and time where that is not 1000."""
    found = {}
    for body, items in bodies:
        request = VERSION_1.request.FromString(body)
        assert items == max(1, len(request.timeseries))
        for one in request.timeseries:
            labels = [(label.name, label.value) for label in one.labels]
            assert labels == sorted(labels)
            kept = {name: value for name, value in labels if (name, value) not in TARGET}
            name = kept.pop("__name__") + "".join(f" {key}={value}" for key, value in kept.items())
            (sample,) = one.samples
            bits = struct.unpack("<Q", struct.pack("<d", sample.value))[0]
            value = STALE if bits == 0x7FF0000000000002 else sample.value
            found[name] = value if sample.timestamp == 1000 else (value, sample.timestamp)
    return found


def page(target: TargetSeries, text: str, *, open_metrics: bool = False, time_ms: int = 1000) -> dict[str, Any]:
    outcome = target.page(text, time_ms, open_metrics=open_metrics)
    assert outcome.problem == ""
    return rows(outcome.bodies)


def test_a_series_that_vanishes_is_marked_once_and_may_come_back() -> None:
    """Then it is no longer in the books; back on the page, it counts as added."""
    target = series()
    assert page(target, 'a 1\nb{x="y"} 2\n') == {"a": 1, "b x=y": 2}
    assert page(target, "a 3\n") == {"a": 3, "b x=y": STALE}
    assert page(target, "a 4\n") == {"a": 4}
    outcome = target.page('a 4\nb{x="y"} 5\n', 1000, open_metrics=False)
    assert (outcome.scraped, outcome.kept, outcome.added) == (2, 2, 1)


@pytest.mark.parametrize("bad", ["a 1\nb{ 2\n", 'a{x="1",x="2"} 1\n', '{x="no name"} 1\n'])
def test_of_a_bad_page_nothing_is_kept_and_all_is_marked(bad: str) -> None:
    """`up` is 0, with the line and the reason; the next good page is as the first."""
    target = series()
    page(target, "a 1\nb 2\n")
    outcome = target.page(bad, 1000, open_metrics=False)
    assert outcome.problem.startswith("line ")
    assert rows(outcome.bodies) == {"a": STALE, "b": STALE}
    assert rows([target.report(outcome, 1000, 0.5)])["up"] == 0
    assert rows(target.none(1000, "no answer").bodies) == {}
    assert page(target, "a 1\n") == {"a": 1}


def test_labels_of_page_and_target_are_told_apart() -> None:
    """The target's win and the page's are exported; with honor_labels the page's stay. Empty ones are none."""
    text = 'a{job="mine",instance="",exported_job="x",e=""} 1\n'
    (one,) = VERSION_1.request.FromString(series().page(text, 1, open_metrics=False).bodies[0][0]).timeseries
    labels = {label.name: label.value for label in one.labels}
    expected = {"__name__": "a", "instance": "here:1", "job": "shop", "exported_job": "x"}
    assert labels == expected | {"exported_exported_job": "mine"}
    honoring = series(honor_labels=True)
    (one,) = VERSION_1.request.FromString(honoring.page(text, 1, open_metrics=False).bodies[0][0]).timeseries
    assert {label.name: label.value for label in one.labels} == expected | {"job": "mine"}


def test_times_of_the_page_are_honoured_or_not() -> None:
    """With times of its own a series is marked only where track_timestamps_staleness asks for it."""
    target = series()
    assert page(target, "a 1 7\nb 2\n") == {"a": (1, 7), "b": 2}
    assert page(target, "b 2\n") == {"b": 2}
    tracking = series(track_timestamps_staleness=True)
    page(tracking, "a 1 7\n")
    assert page(tracking, "b 2\n") == {"a": STALE, "b": 2}
    assert page(series(honor_timestamps=False), "a 1 7\n") == {"a": 1}


def test_metrics_are_relabelled_and_counted_before_and_after() -> None:
    """Dropped ones stay out; of two that become one, the first counts."""
    steps = (
        {"source_labels": ("__name__",), "regex": "drop_.*", "action": "drop"},
        {"regex": "pod", "action": "labeldrop"},
    )
    target = series(metric_relabel_configs=steps)
    outcome = target.page('drop_me 1\na{pod="1"} 2\na{pod="2"} 3\n', 1000, open_metrics=False)
    assert (outcome.scraped, outcome.kept, outcome.added) == (3, 2, 1)
    assert rows(outcome.bodies) == {"a": 2}
    told = rows([target.report(outcome, 1000, 0.25)])
    assert told == {
        "up": 1,
        "scrape_duration_seconds": 0.25,
        "scrape_samples_scraped": 3,
        "scrape_samples_post_metric_relabeling": 2,
        "scrape_series_added": 1,
    }


LIMITS = [
    ({"sample_limit": 1}, "sample_limit=1: the page has 2 samples"),
    ({"label_limit": 3}, "line 2: label_limit=3: b has 4 labels"),
    ({"label_name_length_limit": 8}, "line 2: label_name_length_limit=8: long_name is longer"),
    ({"label_value_length_limit": 6}, "line 2: label_value_length_limit=6: long_name of b is longer"),
]


@pytest.mark.parametrize(("limit", "problem"), LIMITS)
def test_a_page_over_a_limit_counts_as_none(limit: dict[str, int], problem: str) -> None:
    """With the limit's name, as it stands in the plan."""
    outcome = series(**limit).page('a 1\nb{long_name="long value"} 2\n', 1000, open_metrics=False)
    assert (outcome.problem, outcome.bodies) == (problem, [])


def test_a_target_that_goes_takes_its_series_along() -> None:
    """Its own and those that tell of it; a target in its place marks what it does not have."""
    target = series()
    page(target, "a 1\nb 2\n")
    gone = rows(target.gone(1000))
    assert set(gone.values()) == {STALE}
    assert {"a", "b", "up", "scrape_series_added"} <= set(gone)
    heir = series(target.live)
    assert page(heir, "b 3\n") == {"a": STALE, "b": 3}


def test_families_are_described_once_and_exemplars_are_kept() -> None:
    """Metadata goes with the page on which it changed."""
    target = series()
    text = '# TYPE a counter\n# HELP a How often\na_total 1 5 # {trace_id="0af7"} 0.5 4.5\n# EOF\n'
    first = VERSION_1.request.FromString(target.page(text, 1000, open_metrics=True).bodies[0][0])
    (meta,) = first.metadata
    assert (meta.type, meta.metric_family_name, meta.help) == (1, "a", "How often")
    (exemplar,) = first.timeseries[0].exemplars
    assert (exemplar.value, exemplar.timestamp, exemplar.labels[0].value) == (0.5, 4500, "0af7")
    assert first.timeseries[0].samples[0].timestamp == 5000
    again = VERSION_1.request.FromString(target.page(text, 2000, open_metrics=True).bodies[0][0])
    assert not again.metadata


def test_a_large_page_is_several_bodies() -> None:
    """All of which are of the same page."""
    text = "".join(f'a{{n="{number}"}} 1\n' for number in range(25_000))
    outcome: Outcome = series().page(text, 1000, open_metrics=False)
    assert [items for _, items in outcome.bodies] == [20_000, 5_000]
