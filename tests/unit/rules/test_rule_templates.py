# ruff: noqa: E501 - a line a case
"""Prometheus's template functions, with the examples of its own documentation and tests."""

from collections.abc import Sequence

import pytest

from midwatch.server.promql.labels import Labels, make
from midwatch.server.rules.templates import RuleTemplates, Surroundings

TEMPLATES = RuleTemplates(Surroundings("https://watch.example/base/", {"cluster": "c1"}))
VECTOR = [
    (make({"__name__": "metric", "instance": "b"}), 21.0),
    (make({"__name__": "metric", "instance": "a"}), 11.0),
]


def query(text: str) -> Sequence[tuple[Labels, float]]:
    if text == "bad(":
        raise ValueError("1:5: parse error")
    return VECTOR if text == "metric" else []


def expanded(text: str, value: float = 0.051, **labels: str) -> str:
    return TEMPLATES.expanded(text, make(labels), value, query)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("{{ $labels.job }} is {{ $value }}", "api is 0.051"),
        ("{{ .Labels.job }}{{ .Value }}", "api0.051"),
        ("{{ $labels.nobody }}|", "|"),
        ("{{ $externalLabels.cluster }} {{ $externalURL }}", "c1 https://watch.example/base/"),
        ("{{ pathPrefix }} {{ externalURL }}", "/base/ https://watch.example/base/"),
        ('{{ printf "%.2f" $value }}', "0.05"),
        ('{{ if gt $value 0.05 }}high{{ else }}low{{ end }}', "high"),
        ('{{ range query "metric" }}{{ .Labels.instance }}:{{ .Value }}: {{ end }}', "b:21: a:11: "),
        ('{{ range query "metric" | sortByLabel "instance" }}{{ .Labels.instance }}{{ end }}', "ab"),
        ('{{ query "metric" | first | value }}', "21"),
        ('{{ query "metric" | first | label "instance" }}', "b"),
        ('{{ with query "nothing" }}there{{ else }}none{{ end }}', "none"),
        ('{{ define "x" }}<{{ .arg0 }}>{{ end }}{{ template "x" (args $value 2) }}', "<0.051>"),
        ('{{ define "x" }}<{{ . }}>{{ end }}{{ tmpl "x" "a" }}', "<a>"),
        ('{{ reReplaceAll "(a)b" "x$1" "ab" }}', "xa"),
        ('{{ reReplaceAll "(?P<w>[a-z]+)-" "${w}_$$" "ab-c" }}', "ab_$c"),
        ('{{ match "a+" "baac" }} {{ match "^a$" "ba" }}', "true false"),
        ('{{ title "aa bb" }} {{ toUpper "ab" }} {{ toLower "AB" }}', "Aa Bb AB ab"),
        ('{{ safeHtml "<b>" }}', "<b>"),
        ('{{ parseDuration "1h2m10s5ms" }}', "3730.005"),
        ('{{ stripPort "host:9090" }} {{ stripPort "[::1]:90" }} {{ stripPort "host" }}', "host ::1 host"),
        ('{{ stripDomain "foo.example:80" }} {{ stripDomain "10.1.2.3:80" }} {{ stripDomain "a.b" }}', "foo:80 10.1.2.3:80 a"),
        ('{{ graphLink "up == 1" }}', "/base/explore?expr=up+%3D%3D+1&amp;view=chart".replace("&amp;", "&")),
        ('{{ tableLink "up" }}', "/base/explore?expr=up&view=table"),
        ('{{ "a b/c" | urlQueryEscape }}', "a+b%2Fc"),
        ('{{ query "bad(" }}', "<error expanding template: "),
        ('{{ query "nothing" | first }}', "<error expanding template: "),
        ('{{ reReplaceAll "(" "" "x" }}', "<error expanding template: "),
        ('{{ humanize "no number" }}', "<error expanding template: "),
    ],
)  # fmt: skip
def test_texts_are_filled_in_as_prometheus_does(text: str, shown: str) -> None:
    """Variables, queries, text functions; what fails is told where it stands, and the alert goes on."""
    found = expanded(text, job="api")
    assert found == shown or (shown.startswith("<error") and found.startswith(shown)), found


@pytest.mark.parametrize(
    ("function", "value", "shown"),
    [
        ("humanize", "0.0", "0"), ("humanize", "1.0", "1"), ("humanize", "1234567.0", "1.235M"), ("humanize", ".12", "120m"),
        ("humanize", "1e-7", "100n"), ("humanize", "-1500", "-1.5k"), ("humanize", "+Inf", "+Inf"), ("humanize", "NaN", "NaN"),
        ("humanize", "999.95", "1000"), ("humanize", "1e30", "1e+06Y"),
        ("humanize1024", "0", "0"), ("humanize1024", "1048576", "1Mi"), ("humanize1024", ".12", "0.12"),
        ("humanize1024", "1000", "1000"), ("humanize1024", "-2048", "-2ki"),
        ("humanizeDuration", "0", "0s"), ("humanizeDuration", "1", "1s"), ("humanizeDuration", "60", "1m 0s"),
        ("humanizeDuration", "3600", "1h 0m 0s"), ("humanizeDuration", "86400", "1d 0h 0m 0s"),
        ("humanizeDuration", "90061", "1d 1h 1m 1s"), ("humanizeDuration", "-1", "-1s"),
        ("humanizeDuration", ".1", "100ms"), ("humanizeDuration", ".0001", "100us"), ("humanizeDuration", "1.2345", "1.234s"),
        ("humanizeDuration", "+Inf", "+Inf"),
        ("humanizePercentage", "0.1234567", "12.35%"), ("humanizePercentage", "-0.22222", "-22.22%"),
        ("humanizePercentage", "0.123456", "12.35%"),
        ("humanizeTimestamp", "1435065584.128", "2015-06-23 13:19:44.128 +0000 UTC"),
        ("humanizeTimestamp", "0", "1970-01-01 00:00:00 +0000 UTC"), ("humanizeTimestamp", "+Inf", "+Inf"),
    ],
)  # fmt: skip
def test_numbers_are_shown_as_prometheus_shows_them(function: str, value: str, shown: str) -> None:
    """Floats and numbers in texts alike."""
    assert expanded(f'{{{{ "{value}" | {function} }}}}') == shown
    number = float(value.replace("Inf", "inf"))
    assert expanded(f"{{{{ $value | {function} }}}}", number) == shown
