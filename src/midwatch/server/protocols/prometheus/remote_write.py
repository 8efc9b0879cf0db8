"""What a body of remote write holds, and what of it is taken; the check of version 1.0.

What shows in the body as a whole is looked at as a whole. Only where that says that something is amiss, or where there
are native histograms, is it gone through series by series, and then the sound series are written anew without the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from midwatch.server.protocols.prometheus.histograms import problem as histogram_problem
from midwatch.server.protocols.prometheus.messages import VERSION_1, Version

NAME = "__name__"
_NAME_LABEL = b"\x0a\x08__name__\x12"
"""How a `Label` of version 1 begins that is a name."""
EXAMPLES_MAX = 3
LABELS_SHOWN_MAX = 4
TEXT_SHOWN_MAX = 60
UNKNOWN_FIELDS_MAX = 100


class BadWrite(Exception):
    """Nothing of the body can be taken."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a body holds that is taken, as 2.0 answers it."""

    samples: int = 0
    histograms: int = 0
    exemplars: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    content: bytes | None
    """What is kept, as a message of version 1; None: the body as it came."""
    written: Written
    metadata: int = 0
    refused: str = ""
    """What was not taken, and why; empty where all of it was."""

    @property
    def items(self) -> int:
        return self.written.samples + self.written.histograms + self.written.exemplars + self.metadata


@dataclass(slots=True)
class Refusals:
    """The series of a body that are not taken."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, place: int, labels: Sequence[tuple[str, str]], why: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(f"timeseries[{place}] {_shown(labels)}: {why}")

    def text(self, of: int) -> str:
        if not self.count:
            return ""
        return f"{self.count:,} of {of:,} series refused: {'; '.join(self.examples)}"


def check_version_1(body: bytes) -> Checked:
    """
    Raises:
        BadWrite: damaged, invalid UTF-8, another message, or nothing in it that can be taken.
    """
    flat = parsed(VERSION_1, VERSION_1.flat, body)
    count = len(parsed(VERSION_1, VERSION_1.parts, body).timeseries)
    if not count and not flat.metadata:
        refuse_unknown(VERSION_1, flat)
        return Checked(None, Written())
    refuse_other(flat)
    series = flat.timeseries
    unnamed = body.count(_NAME_LABEL) != count or body.count(_NAME_LABEL + b"\0")
    if unnamed or series.histograms:
        return _series_by_series(body)
    return Checked(None, Written(len(series.samples), 0, len(series.exemplars)), len(flat.metadata))


def _series_by_series(body: bytes) -> Checked:
    request = parsed(VERSION_1, VERSION_1.request, body)
    sound, refusals = [], Refusals()
    for place, series in enumerate(request.timeseries):
        labels = [(label.name, label.value) for label in series.labels]
        if found := label_problem(labels) or histograms_problem(series.histograms):
            refusals.add(place, labels, found)
        else:
            sound.append(series)
    refused = refusals.text(len(request.timeseries))
    if refused and not sound and not request.metadata:
        raise BadWrite(refused)
    written = Written(
        sum(len(series.samples) for series in sound),
        sum(len(series.histograms) for series in sound),
        sum(len(series.exemplars) for series in sound),
    )
    content = None
    if refused:
        kept = VERSION_1.request(timeseries=sound, metadata=request.metadata)
        content = bytes(kept.SerializeToString())
    return Checked(content, written, len(request.metadata), refused)


def parsed(version: Version, message: type[Any], body: bytes) -> Any:
    """
    Raises:
        BadWrite: it is no such message.
    """
    found = message()
    try:
        found.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise BadWrite(f"expected protobuf {version.name}, text in UTF-8: {reason}") from None
    return found


def refuse_unknown(version: Version, flat: Any) -> None:
    """A body without anything that we know is none of this message, unless it is empty.

    Raises:
        BadWrite: it is another.
    """
    if len(UnknownFieldSet(flat)):
        raise BadWrite(f"expected {version.name}: none of its fields is there; does the content type name its message?")


def refuse_other(flat: Any) -> None:
    """Numbers that we know with another wire type are no newer version of this message.

    Raises:
        BadWrite: it is another.
    """
    for level in (flat, flat.timeseries):
        known, unknowns = level.DESCRIPTOR.fields_by_number, UnknownFieldSet(level)
        for unknown in (unknowns[index] for index in range(min(len(unknowns), UNKNOWN_FIELDS_MAX))):
            if (expected := known.get(unknown.field_number)) is not None:
                raise BadWrite(f"{expected.name} has wire type {unknown.wire_type}: was another message sent here?")


def label_problem(labels: Sequence[tuple[str, str]]) -> str | None:
    """Why a series with these labels is none; they may come in any order."""
    names = [name for name, _ in labels]
    if not any(name == NAME and value for name, value in labels):
        return f"no {NAME}"
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        return f"the label {twice[:TEXT_SHOWN_MAX]!r} is there twice"
    return "a label without a name" if "" in names else None


def histograms_problem(histograms: Sequence[Any]) -> str | None:
    for histogram in histograms:
        if (found := histogram_problem(histogram)) is not None:
            return f"a histogram: {found}"
    return None


def _shown(labels: Sequence[tuple[str, str]]) -> str:
    """Names of labels; their values may be private."""
    name = next((value for label, value in labels if label == NAME), "")
    others = [label[:TEXT_SHOWN_MAX] for label, _ in labels if label != NAME]
    more = ", …" if len(others) > LABELS_SHOWN_MAX else ""
    return f"{name[:TEXT_SHOWN_MAX]}{{{', '.join(others[:LABELS_SHOWN_MAX])}{more}}}"
