"""The text formats that scrapers read: Prometheus' 0.0.4 and OpenMetrics 1.0.

Written out because `prometheus_client`'s writer takes twice as long; and without `_created` series, which nobody asks
for and everybody stores.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, isnan

from prometheus_client.core import Exemplar, Metric, Sample

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_ESCAPED_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})
_IN_TEXT = {"unknown": "untyped", "info": "gauge", "stateset": "gauge", "gaugehistogram": "histogram"}
_SUFFIXES = {"counter": "_total", "info": "_info"}
"""What 0.0.4 has in a family's name, and OpenMetrics only in that of its samples."""


@dataclass(frozen=True, slots=True)
class _Offer:
    media_type: str
    versions: tuple[str, ...]
    """Of what is asked for; what names none takes any."""
    answer: str


_OFFERS = (
    _Offer("application/openmetrics-text", ("1.0.0", "0.0.1", ""), OPENMETRICS),
    _Offer("text/plain", ("0.0.4", ""), TEXT),
    _Offer("text/*", ("",), TEXT),
    _Offer("*/*", ("",), TEXT),
)


def content_type_for(accept: str) -> str:
    """What to answer to an `Accept` header (RFC 9110): the best of those that can be written, 0.0.4 where none can."""
    best, quality = TEXT, 0.0
    for part in accept.split(","):
        media_type, _, rest = part.partition(";")
        parameters = dict(_pair(one) for one in rest.split(";") if "=" in one)
        asked = _quality(parameters.get("q", "1"))
        for offer in _OFFERS:
            fits = offer.media_type == media_type.strip().lower()
            if fits and parameters.get("version", "") in offer.versions and asked > quality:
                best, quality = offer.answer, asked
    return best


def takes_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.split(","):
        coding, _, rest = part.partition(";")
        if coding.strip().lower() in ("gzip", "*"):
            return _quality(_pair(rest)[1] if "=" in rest else "1") > 0
    return False


def write(families: Iterable[Metric], content_type: str) -> bytes:
    """One of the two formats; families of one name are written once."""
    openmetrics = content_type == OPENMETRICS
    lines: list[str] = []
    seen: set[str] = set()
    for family in families:
        if family.samples and family.name not in seen:
            seen.add(family.name)
            lines.extend(_family(family, openmetrics=openmetrics))
    if openmetrics:
        lines.append("# EOF\n")
    return "".join(lines).encode(errors="replace")


def _family(family: Metric, *, openmetrics: bool) -> Iterator[str]:
    kind, shown, about = family.type, family.name, family.documentation
    if openmetrics:
        about = about.translate(_ESCAPED)
    else:
        shown += _SUFFIXES.get(kind, "")
        kind, about = _IN_TEXT.get(kind, kind), about.translate(_ESCAPED_HELP)
    yield f"# HELP {shown} {about}\n# TYPE {shown} {kind}\n"
    if openmetrics and family.unit:
        yield f"# UNIT {shown} {family.unit}\n"
    created = "" if kind == "gauge" else f"{family.name}_created"
    for sample in family.samples:
        if sample.name != created:
            yield _line(sample, openmetrics=openmetrics)


def _line(sample: Sample, *, openmetrics: bool) -> str:
    value = _number(sample.value)
    labels = sample.labels
    shown = f"{{{','.join([_label(name, text) for name, text in labels.items()])}}}" if labels else ""
    if openmetrics and sample.exemplar is not None:
        return f"{sample.name}{shown} {value}{_exemplar(sample.exemplar)}\n"
    return f"{sample.name}{shown} {value}\n"


@lru_cache(maxsize=16384)
def _label(name: str, text: str) -> str:
    return f'{name}="{text.translate(_ESCAPED)}"'


def _exemplar(exemplar: Exemplar) -> str:
    labels = ",".join(_label(name, text) for name, text in exemplar.labels.items())
    at = f" {exemplar.timestamp:.3f}" if exemplar.timestamp is not None else ""
    return f" # {{{labels}}} {_number(exemplar.value)}{at}"


def _number(value: float) -> str:
    if isfinite(value):
        return repr(float(value))
    return "NaN" if isnan(value) else "+Inf" if value > 0 else "-Inf"


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
