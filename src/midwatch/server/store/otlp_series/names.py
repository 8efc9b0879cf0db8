"""Names of metrics and labels, as SQL expressions."""

from midwatch.server.store.otlp_series.ladder import Ladder

UNIT_WORDS = {
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "TiBy": "tebibytes",
    "kBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "%": "percent",
    "1": "",
}
"""UCUM's abbreviations and Prometheus's words; other units stay as they are."""
PER_WORDS = {
    "s": "second",
    "min": "minute",
    "m": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
}
"""Units below a fraction bar."""
_BRACES = "'[\\x7B][^\\x7D]*[\\x7D]'"
"""A part of a unit in braces: written so since statements are templates."""


def _underscored(name: str) -> str:
    """A name with one underscore for whatever else it has, and not beginning with a digit."""
    return f"replaceRegexpOne(replaceRegexpAll(toString({name}), '[^a-zA-Z0-9:]+', '_'), '^([0-9])', '_\\\\1')"


def is_counter(kind: str, monotonic: str) -> str:
    return f"({kind} = 'sum' AND {monotonic})"


def ladder(*, name: str, unit: str, kind: str, monotonic: str) -> Ladder:
    """`family` and more, from the columns that hold a metric's name, unit, type and monotony.

    `family` is what the metric is called, without the suffixes of a histogram's or summary's series; `unit_word` its
    unit in words (`By/s` is bytes_per_second; what is in braces is dropped); `plain` its name with underscores and
    nothing added. The word is added unless the name ends in it, or in the unit as given (`api_latency_ms` in `ms`).
    """
    counter = is_counter(kind, monotonic)
    whole, per = (f"trimBoth(unit_parts[{place}])" for place in (1, 2))
    ends = "endsWith(concat('_', stem), concat('_', suffix)) OR endsWith(lower(stem), concat('_', given))"
    return (
        {
            "plain": _underscored(name),
            "given": f"lower({_cleaned(f'toString({unit})')})",
            "unit_parts": f"splitByChar('/', replaceRegexpAll(toString({unit}), {_BRACES}, ''), 2)",
        },
        {"whole_word": _word(whole, UNIT_WORDS), "per_word": _word(per, PER_WORDS)},
        {
            "unit_word": "trimBoth(concat(whole_word, if(per_word = '', '', concat('_per_', per_word))), '_')",
            "stem": f"if({counter}, replaceRegexpOne(plain, '_total$', ''), plain)",
        },
        {"suffix": f"if({kind} = 'gauge' AND {unit} = '1', 'ratio', unit_word)"},
        {"named": f"if(suffix = '' OR {ends}, stem, concat(trimRight(stem, '_'), '_', suffix))"},
        {"family": f"concat(named, if({counter}, '_total', ''))"},
    )


def _word(text: str, words: dict[str, str]) -> str:
    return f"transform({text}, {list(words)}, {list(words.values())}, {_cleaned(text)})"


def _cleaned(text: str) -> str:
    return f"trimBoth(replaceRegexpAll({text}, '[^a-zA-Z0-9]+', '_'), '_')"


def label_name(key: str) -> str:
    """The label of an attribute."""
    return f"replaceRegexpOne(replaceRegexpAll({key}, '[^a-zA-Z0-9]+', '_'), '^([0-9])', 'key_\\\\1')"
