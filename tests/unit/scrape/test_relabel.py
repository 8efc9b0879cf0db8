"""Relabelling by Prometheus's documented semantics, and targets made with it."""

import pytest

from midwatch.contract.plan.scrape.relabel import RelabelConfig
from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.scrape.relabel import relabeller, why_dropped
from midwatch.server.scrape.targets import Group, targets_of

OF, TO, BY = "source_labels", "target_label", "replacement"
ABC = {"a": "foo", "b": "bar", "c": "baz"}

CASES = [
    # replace: the whole source is matched; what the replacement refers to is filled in
    ([{OF: ("a",), "regex": "f(.*)", TO: "d", BY: "ch${1}-ch${1}"}], ABC | {"d": "choo-choo"}),
    ([{OF: ("a", "b"), "regex": "f(.*);(.*)r", TO: "a", BY: "b${1}${2}m"}], ABC | {"a": "boobam"}),
    ([{OF: ("a",), "regex": "fo", TO: "d"}], ABC),
    ([{OF: ("a", "b"), "separator": "", TO: "d"}], ABC | {"d": "foobar"}),
    ([{TO: "d", BY: "static"}], ABC | {"d": "static"}),
    ([{OF: ("a",), TO: "a", BY: ""}], {"b": "bar", "c": "baz"}),
    ([{OF: ("none",), TO: "b"}], {"a": "foo", "c": "baz"}),
    ([{OF: ("a",), "regex": "(?P<x>f)oo", TO: "d", BY: "$x-$$-${nothing}$2."}], ABC | {"d": "f-$-."}),
    ([{OF: ("a",), "regex": "(f).*", TO: "d", BY: "$1x"}], ABC),
    ([{OF: ("a",), "regex": "f(.)o", TO: "l_$1", BY: "v"}], ABC | {"l_o": "v"}),
    # keep and drop, one after another
    ([{OF: ("a",), "regex": "foo", "action": "keep"}], ABC),
    ([{OF: ("a",), "regex": "fo", "action": "keep"}], None),
    ([{OF: ("a",), "regex": ".*o.*", "action": "drop"}, {TO: "d", BY: "x"}], None),
    ([{OF: ("a",), "regex": "no", "action": "drop"}], ABC),
    ([{OF: ("none",), "regex": "", "action": "drop"}], None),
    ([{OF: ("a", "b"), "regex": "foo;bar", "action": "Drop"}], None),
    # hashmod: md5's second half, as Prometheus counts
    ([{OF: ("c",), TO: "d", "action": "hashmod", "modulus": 1000}], ABC | {"d": "976"}),
    # names
    ([{"regex": "(b|c)", "action": "labelmap", BY: "x_$1"}], ABC | {"x_b": "bar", "x_c": "baz"}),
    ([{"regex": "b.*", "action": "labeldrop"}], {"a": "foo", "c": "baz"}),
    ([{"regex": "a|b", "action": "labelkeep"}], {"a": "foo", "b": "bar"}),
    # letters
    ([{OF: ("a",), TO: "d", "action": "uppercase"}], ABC | {"d": "FOO"}),
    ([{OF: ("a", "b"), TO: "d", "action": "lowercase"}], ABC | {"d": "foo;bar"}),
    # equal
    ([{OF: ("a",), TO: "a", "action": "keepequal"}], ABC),
    ([{OF: ("a",), TO: "b", "action": "keepequal"}], None),
    ([{OF: ("a",), TO: "b", "action": "dropequal"}], ABC),
    ([{OF: ("a",), TO: "a", "action": "dropequal"}], None),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), CASES)
def test_steps_do_what_is_documented(steps: list[dict[str, object]], expected: dict[str, str] | None) -> None:
    """Each action, with its defaults, over the same three labels."""
    assert relabeller([RelabelConfig.model_validate(step) for step in steps])(dict(ABC)) == expected


REASONS = [
    ({OF: ("a", "b"), "regex": "x.*", "action": "keep"}, "keep: a;b='foo;bar' does not match x.*"),
    ({OF: ("none",), "regex": "", "action": "drop"}, "drop: none='' matches "),
    ({OF: ("a",), TO: "b", "action": "keepequal"}, "keepequal: a='foo' is not equal to b='bar'"),
    ({OF: ("a",), TO: "a", "action": "dropequal"}, "dropequal: a='foo' is equal to a='foo'"),
    ({OF: ("long",), "regex": "v+", "action": "drop"}, f"drop: long='{'v' * 200}…' matches v+"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "told"), REASONS)
def test_a_drop_names_its_step_and_what_that_saw(step: dict[str, object], told: str) -> None:
    """As the labels stand when the step is reached, and cut where a value is long."""
    steps = [RelabelConfig.model_validate(one) for one in ({TO: "long", BY: "v" * 999}, step)]
    assert why_dropped(steps, dict(ABC)) == f"relabel_configs[1], {told}"


def test_what_no_step_drops_has_no_reason() -> None:
    assert why_dropped([RelabelConfig(source_labels=("a",), regex="foo", action="keep")], dict(ABC)) == ""


def test_the_dot_takes_line_breaks_too() -> None:
    """As in Prometheus, where every pattern is wrapped in (?s:…)."""
    step = RelabelConfig(source_labels=("a",), regex="x.y", action="keep")
    assert relabeller([step])({"a": "x\ny"}) is not None


def config(**options: object) -> ScrapeConfig:
    return ScrapeConfig.model_validate({"job_name": "shop", **options})


def test_a_target_gets_its_labels_and_address_from_what_relabelling_left() -> None:
    """Meta labels go, job and instance come, and address, scheme, path, parameters and times may be changed."""
    steps = (
        {OF: ("__meta_path",), TO: "__metrics_path__"},
        {OF: ("__address__",), TO: "__param_target"},
        {OF: ("__address__",), TO: "instance"},
        {TO: "__address__", BY: "prober:9115"},
        {TO: "__scrape_interval__", BY: "30s"},
    )
    one = config(relabel_configs=steps, params={"module": ("http", "tls"), "target": ("x",)}, scheme="https")
    groups = [Group("here", ("a:1", "a:1"), {"__meta_path": "/probe", "team": "web", "empty": ""})]
    ((target, discovered),) = targets_of(one, groups).targets.items()
    assert target.labels == (("instance", "a:1"), ("job", "shop"), ("team", "web"))
    assert target.url == "https://prober:9115/probe?module=http&module=tls&target=a%3A1"
    assert (target.interval_seconds, target.timeout_seconds) == (30, 10)
    assert discovered["__address__"] == "a:1"
    assert discovered["__meta_path"] == "/probe"


def test_what_is_dropped_and_what_is_no_address_is_told() -> None:
    """Dropped targets keep their labels for the list; a wrong address is a problem and harms no other target."""
    one = config(relabel_configs=({OF: ("__address__",), "regex": "b.*", "action": "drop"},))
    found = targets_of(one, [Group("file.json[0]", ("a:1", "b:1", "c/d", "http://e"), {})])
    assert [target.url for target in found.targets] == ["http://a:1/metrics"]
    assert (found.dropped_count, found.dropped[0].labels["__address__"]) == (1, "b:1")
    assert found.dropped[0].reason == "relabel_configs[0], drop: __address__='b:1' matches b.*"
    assert found.problems == [
        "file.json[0]: __address__='c/d': expected host:port",
        "file.json[0]: __address__='http://e': expected host:port",
    ]
