"""Pages of metrics: what is read, what is refused and with which words, and prometheus_client's own pages."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from midwatch.server.scrape.exposition import BadPage, Exemplar, read_labels, read_page

GOOD = [
    ("a 1", ("a", 1.0, None)),
    ("a\t1.5e3\t1700000000000", ("a", 1500.0, 1700000000000)),
    ('a{b="c"} +Inf', ('a{b="c"}', math.inf, None)),
    ('a{b="}\\" x",} -1', ('a{b="}\\" x",}', -1.0, None)),
    ('a {b="c"}  2\r', ('a {b="c"}', 2.0, None)),
    ('{"my.metric",b="c"} 3', ('{"my.metric",b="c"}', 3.0, None)),
    ("a{} 4", ("a{}", 4.0, None)),
]


@pytest.mark.parametrize(("line", "expected"), GOOD)
def test_a_line_is_read(line: str, expected: tuple[str, float, int | None]) -> None:
    """Blanks, escapes, times, names in quotes, infinite values."""
    (sample,) = read_page(line + "\n", open_metrics=False).samples
    assert sample[:3] == expected


LABELS = [
    ("a", {"__name__": "a"}),
    ("a{}", {"__name__": "a"}),
    ('a{b="c",d="e"}', {"__name__": "a", "b": "c", "d": "e"}),
    ('a{ b = "c" , }', {"__name__": "a", "b": "c"}),
    (r'a{b="\\ \" \n \t"}', {"__name__": "a", "b": '\\ " \n \\t'}),
    ('{"my metric","dotted.label"="x"}', {"__name__": "my metric", "dotted.label": "x"}),
]


@pytest.mark.parametrize(("series", "labels"), LABELS)
def test_labels_are_read(series: str, labels: dict[str, str]) -> None:
    """In the plain form and in the quoted one of Prometheus 3."""
    assert read_labels(series) == labels


BAD_TEXT = [
    ("a 1\nb\n", "line 2: expected a value, and a time at most, after a blank; it reads 'b'"),
    ("a x\n", "line 1: value='x': expected a number; it reads 'a x'"),
    ("a 1_0\n", "line 1: value='1_0': expected a number; it reads 'a 1_0'"),
    ("a 1 now\n", "line 1: time='now': expected whole milliseconds since 1970; it reads 'a 1 now'"),
    ("a 1 2 3\n", "line 1: expected a value, and a time at most, after a blank; it reads 'a 1 2 3'"),
    ('a{b="c" 1\n', "line 1: expected a value, and a time at most, after a blank; it reads 'a{b=\"c\" 1'"),
    ("1a 2\n", "line 1: expected a name or labels; it reads '1a 2'"),
    ("# TYPE a curve\n", "line 1: type='curve': expected"),
    ("<html>\n", "line 1: expected a name or labels; it reads '<html>'"),
]


@pytest.mark.parametrize(("page", "problem"), BAD_TEXT)
def test_a_bad_page_names_its_line(page: str, problem: str) -> None:
    """And what was expected there, with the line itself."""
    with pytest.raises(BadPage) as raised:
        read_page(page, open_metrics=False)
    assert str(raised.value).startswith(problem)


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("a 1\n", "expected # EOF at the end: the page was cut, or is no OpenMetrics"),
        ("# EOF\na 1\n", "line 2: expected nothing after # EOF; it reads 'a 1'"),
        ('a_total 1 # {x="y"}\n# EOF\n', "line 1: expected a value, and a time at most, of the exemplar"),
        ("a_total 1 # x 1\n# EOF\n", "line 1: expected labels of an exemplar after #"),
    ],
)
def test_open_metrics_has_an_end_and_exemplars(page: str, problem: str) -> None:
    """A page that was cut shows itself."""
    with pytest.raises(BadPage) as raised:
        read_page(page, open_metrics=True)
    assert str(raised.value).startswith(problem)


@pytest.mark.parametrize("series", ['a{b="c" d="e"}', 'a{b="c",b="d"}', "a{b}", "a{=}", 'a{"n",b="c","m"}'])
def test_bad_labels_are_refused(series: str) -> None:
    """No comma, a label twice, no value, no name, two names."""
    with pytest.raises(BadPage):
        read_labels(series)


def pages() -> tuple[CollectorRegistry, str, str]:
    registry = CollectorRegistry()
    counter = Counter("requests", "Requests \\ taken\nhere", ["path"], registry=registry)
    counter.labels('/a"\\\n').inc(2, exemplar={"trace_id": "0af7"})
    Gauge("temperature", "", unit="celsius", registry=registry).set(float("nan"))
    histogram = Histogram("latency", "How long", ["a", "b"], registry=registry)
    histogram.labels("x}", "y,").observe(0.3, exemplar={"trace_id": "1bf8", "span_id": "é"})
    Info("build", "What runs", registry=registry).info({"version": "1"})
    return registry, generate_latest(registry).decode(), generate_openmetrics(registry).decode()


def test_the_clients_own_pages_are_read_as_its_own_parser_reads_them() -> None:
    """Names, labels and values of text; in OpenMetrics also exemplars, times and what families say."""
    _, text, open_metrics = pages()
    expected = [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    found = []
    for series, value, _, _, _ in read_page(text, open_metrics=False).samples:
        labels = read_labels(series)
        found.append((labels.pop("__name__"), labels, value))
    assert repr(found) == repr(expected)

    page = read_page(open_metrics, open_metrics=True)
    exemplars = {series.partition("{")[0]: one for series, _, _, one, _ in page.samples if one is not None}
    assert exemplars["requests_total"].labels == (("trace_id", "0af7"),)
    assert isinstance(exemplars["latency_bucket"], Exemplar)
    assert (exemplars["latency_bucket"].value, exemplars["latency_bucket"].labels[0]) == (0.3, ("span_id", "é"))
    assert page.families["requests"].type == "counter"
    assert page.families["requests"].help == "Requests \\ taken\nhere"
    assert page.families["temperature_celsius"].unit == "celsius"
    assert page.families["build"].type == "info"


@given(
    st.text(max_size=80), st.sampled_from(["{}", "a{{{}}} 1", 'a{{b="{}"}} 1 2', "# TYPE {} 1", "a 1 # {} 1\n# EOF"])
)
def test_no_page_raises_but_bad_page(text: str, line: str) -> None:
    """Whatever comes is read or refused."""
    for open_metrics in (False, True):
        try:
            for sample in read_page(line.format(text), open_metrics=open_metrics).samples:
                read_labels(sample[0])
        except BadPage:
            continue
