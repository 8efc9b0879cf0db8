"""Reading promqltest scripts: load, eval and clear commands with what is expected."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from midwatch.server.promql.labels import Labels
from midwatch.server.promql.series_text import Value, parse_metric, parse_series
from midwatch.server.promql.syntax.text import parse_duration, parse_number, unquote

_LOAD = re.compile(r"load(?:_(with_nhcb))?\s+(.+)")
_INSTANT = re.compile(r"eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)")
_RANGE = re.compile(r"eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)")
_EXPECT = re.compile(r"expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?")
_RANGE_VECTOR = re.compile(r"expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)")
_START_ITEM = re.compile(r"([+-]?)(\d+[a-wyz]*)(?:([+-])(\d+[a-wyz]*))?(?:x(\d+))?")


@dataclass
class Load:
    gap_ms: int
    custom: bool
    series: list[tuple[Labels, list[Value], list[int | None]]] = field(default_factory=list)
    """Labels, values, and for each value when the counter began, from the sample's time."""


@dataclass
class Clear:
    pass


@dataclass
class Expectation:
    kind: str
    text: str | None = None
    pattern: str | None = None

    def fits(self, message: str) -> bool:
        if self.text is not None:
            return self.text == message
        return self.pattern is None or re.search(self.pattern, message) is not None


@dataclass
class Eval:
    line: int
    query: str
    ranged: bool
    start_ms: int
    end_ms: int
    step_ms: int
    ordered: bool = False
    matrix: bool = False
    expectations: list[Expectation] = field(default_factory=list)
    scalar: float | None = None
    string: str | None = None
    series: list[tuple[Labels, list[Value]]] = field(default_factory=list)

    def of(self, kind: str) -> list[Expectation]:
        return [one for one in self.expectations if one.kind == kind]


Command = Load | Clear | Eval


def read(path: Path) -> list[Command]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
    reader = _Reader(["" if line.startswith("#") else line for line in lines])
    return reader.commands()


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def commands(self) -> list[Command]:
        found: list[Command] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            word = line.split(maxsplit=1)[0].lower() if line else ""
            if word == "clear":
                found.append(Clear())
            elif word.startswith("load"):
                found.append(self._load(line))
            elif word.startswith("eval"):
                found.append(self._eval(line))
            elif word:
                raise ValueError(f"line {self._at}: invalid command {line!r}")
        return found

    def _block(self) -> list[str]:
        lines = []
        while self._at < len(self._lines) and self._lines[self._at]:
            lines.append(self._lines[self._at])
            self._at += 1
        return lines

    def _load(self, line: str) -> Load:
        match = _LOAD.fullmatch(line)
        assert match, line
        load = Load(parse_duration(match[2]), bool(match[1]))
        starts: list[int | None] = []
        for series in self._block():
            head = series.split(maxsplit=1)[0]
            if head.endswith("@st"):
                parse_metric(head.removesuffix("@st"))
                starts = [start for item in series.split()[1:] for start in _starts(item)]
                continue
            labels, values = parse_series(series)
            load.series.append((labels, values, starts or [None] * len(values)))
            starts = []
        return load

    def _eval(self, line: str) -> Eval:
        at = self._at
        if match := _INSTANT.fullmatch(line):
            time = parse_duration(match[2])
            command = Eval(at, match[3], False, time, time, 0)
        else:
            match = _RANGE.fullmatch(line)
            assert match, line
            start, end, step = (parse_duration(match[i]) for i in (2, 3, 4))
            command = Eval(at, match[5], True, start, end, step)
        command.ordered = match[1] == "ordered"
        if match[1] and not command.ordered:
            command.expectations.append(Expectation(match[1]))
        for expected in self._block():
            if self._expected(command, expected):
                break
        return command

    def _expected(self, command: Eval, line: str) -> bool:
        """Take in one line; whether it was the last that counts."""
        for word in ("message", "regexp"):
            if line.startswith(f"expected_fail_{word}"):
                rest = line.removeprefix(f"expected_fail_{word}").strip()
                failure = Expectation("fail", rest) if word == "message" else Expectation("fail", pattern=rest)
                command.expectations = [failure]
                return True
        if match := _RANGE_VECTOR.fullmatch(line):
            command.start_ms, command.end_ms, command.step_ms = (parse_duration(part) for part in match.groups())
            command.matrix = True
        elif line.startswith("expect string"):
            command.string = unquote(line.removeprefix("expect string").strip())
        elif line.split(" ", maxsplit=1)[0] == "expect":
            match = _EXPECT.fullmatch(line)
            assert match, line
            wanted = match[3].strip() if match[3] else None
            command.ordered = command.ordered or match[1] == "ordered"
            is_text = match[2] == "msg"
            command.expectations.append(
                Expectation(match[1], text=wanted if is_text else None, pattern=None if is_text else wanted)
            )
        else:
            try:
                command.scalar = parse_number(line)
            except ValueError:
                command.series.append(parse_series(line))
            else:
                return True
        return False


def _starts(item: str) -> list[int | None]:
    if item.startswith("_"):
        return [None] * int(item[2:] or 1)
    match = _START_ITEM.fullmatch(item)
    assert match, item
    value = parse_duration(match[2]) * (-1 if match[1] == "-" else 1)
    step = parse_duration(match[4]) * (-1 if match[3] == "-" else 1) if match[4] else 0
    return [value + step * place for place in range(int(match[5] or 0) + 1)]
