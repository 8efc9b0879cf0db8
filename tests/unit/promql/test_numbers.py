"""Numbers as Prometheus writes them in label values, messages and histograms."""

import math

import pytest

from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.floats import open_metrics, plain, short
from midwatch.server.promql.syntax import parse
from midwatch.server.promql.syntax.text import format_duration, parse_duration
from midwatch.server.query.logql.syntax import parse as parse_logql

TEXTS = [
    (1.0, "1", "1", "1.0"),
    (-0.0, "-0", "-0", "-0.0"),
    (0.5, "0.5", "0.5", "0.5"),
    (123456.0, "123456", "123456", "123456.0"),
    (1234567.0, "1234567", "1.234567e+06", "1.234567e+06"),
    (1e21, "1000000000000000000000", "1e+21", "1e+21"),
    (0.0001, "0.0001", "0.0001", "0.0001"),
    (0.00001, "0.00001", "1e-05", "1e-05"),
    (1e-300, "0." + "0" * 299 + "1", "1e-300", "1e-300"),
    (math.inf, "+Inf", "+Inf", "+Inf"),
    (-math.inf, "-Inf", "-Inf", "-Inf"),
    (math.nan, "NaN", "NaN", "NaN"),
]


@pytest.mark.parametrize(("value", "as_plain", "as_short", "as_label"), TEXTS)
def test_floats(value: float, as_plain: str, as_short: str, as_label: str) -> None:
    """Without exponent, with one where the number is long, and with a point as OpenMetrics has them."""
    assert plain(value) == as_plain
    assert short(value) == as_short
    assert open_metrics(value) == as_label


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("1y", 31_536_000_000), ("2w", 1_209_600_000), ("1d2h3m4s5ms", 93_784_005), ("90m", 5_400_000), ("0s", 0)],
)
def test_durations(text: str, milliseconds: int) -> None:
    """A duration is read, and written so that it is read back as itself."""
    assert parse_duration(text) == milliseconds
    assert parse_duration(format_duration(milliseconds)) == milliseconds


def test_written_durations() -> None:
    """Weeks and years only where nothing is left over."""
    assert [format_duration(ms) for ms in (5_400_000, 604_800_000, 694_800_000, -90_000)] == [
        "1h30m",
        "1w",
        "8d1h",
        "-1m30s",
    ]


@pytest.mark.parametrize("text", ["9" * 309, "9" * 5000, "1e309", "-1e309", "0x" + "f" * 17])
def test_numbers_that_no_float_holds(text: str) -> None:
    """Refused at their place, in PromQL and in LogQL."""
    for read, query in (
        (parse, text),
        (parse_logql, f'sum(rate({{a="b"}}[5m])) > {text}'),
        (parse_logql, f'{{a="b"}} | logfmt | x > {text}'),
        (parse_logql, f'quantile_over_time({text}, {{a="b"}} | unwrap x [5m])'),
    ):
        with pytest.raises(ParseError, match=r"(out of range|64 bits|expected|unexpected)"):
            read(query)
