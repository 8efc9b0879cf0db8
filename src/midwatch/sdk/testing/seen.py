"""What a capture has seen, and what a test may claim of it; a claim that is wrong says what there was instead."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, TypeVar

from midwatch.sdk.testing.correlation import untidy
from midwatch.sdk.testing.measured import Measured
from midwatch.sdk.testing.secrets import found_in, private_in
from midwatch.sdk.testing.values import Error, Event, Line, Span, Told

SHOWN_MAX = 20

T = TypeVar("T", bound=Told)


class Seen:
    """Lists in the order in which things were told; `metrics` is read when it is asked.

    An error is also the line that told of it, and an event the line that shows it.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.spans: list[Span] = []
        self.events: list[Event] = []
        self.errors: list[Error] = []
        self.metrics = Measured()

    def all(self) -> Iterable[Told]:
        return (*self.lines, *self.events, *self.errors, *self.spans)

    def clear(self) -> None:
        """Forget what was seen; metrics are measured from here on."""
        for some in (self.lines, self.spans, self.events, self.errors):
            some.clear()
        self.metrics = Measured()

    def assert_line(self, message: str, *, level: str = "", **fields: Any) -> Line:
        """A line with this message, level and fields was told; the first."""
        of_level = f" at {level}" if level else ""
        return _one(
            self.lines,
            f"line {message!r}{of_level}",
            fields,
            lambda line: line.message == message and level in ("", line.level),
        )

    def assert_event(
        self,
        name: str,
        fields: Mapping[str, Any] | None = None,
        *,
        entity: tuple[str, Any] | None = None,
        count: int | None = None,
        **more: Any,
    ) -> Event:
        """An event of this name with these fields was told, `count` times where that is given; the first."""
        wanted = {**(fields or {}), **more}
        about = f" of {entity[0]} {entity[1]}" if entity else ""
        as_text = (str(entity[0]), str(entity[1])) if entity else None

        def is_it(event: Event) -> bool:
            return event.name == name and as_text in (None, event.entity)

        found = _one(self.events, f"event {name!r}{about}", wanted, is_it)
        times = sum(is_it(event) and _has(event, wanted) for event in self.events)
        _claim(count in (None, times), f"event {name!r}{about}: seen {times} times, expected {count}")
        return found

    def assert_error(self, kind: type[BaseException] | str, message: str = "", **fields: Any) -> Error:
        """An error of this class (or its name) became an event, with this in its message; the first."""
        name = kind if isinstance(kind, str) else kind.__qualname__
        return _one(
            self.errors,
            f"error {name}{f' with {message!r} in its message' if message else ''}",
            fields,
            lambda error: name in (error.type, error.type.rpartition(".")[2]) and message in error.message,
        )

    def assert_span(self, name: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Span:
        """A span of this name with these attributes has ended; the first."""
        return _one(self.spans, f"span {name!r}", {**(fields or {}), **more}, lambda span: span.name == name)

    def assert_keys(self, *keys: str, message: str = "") -> None:
        """Each line (of this message) is written with these keys, and something under each."""
        lines = [line for line in self.lines if message in ("", line.message)]
        _claim(bool(lines), f"no line{f' {message!r}' if message else ''} was told")
        lacking = []
        for line in lines:
            missing = [key for key in keys if line.written.get(key) in (None, "")]
            if missing:
                lacking.append(f"{line.title} lacks {', '.join(missing)}; it has {', '.join(line.written)}")
        _claim(not lacking, _listed("keys are missing", lacking))

    def assert_correlated(self, correlation_id: str = "") -> None:
        """Each line, event and error has a correlation id, and all of one trace have the same (this one)."""
        _claim(any(self.all()), "nothing was told")
        wrong = list(untidy(self.all(), correlation_id))
        _claim(not wrong, _listed("not correlated", wrong))

    def assert_redacted(self, *secrets: str) -> None:
        """None of these texts is in anything that was told, written or measured."""
        if not secrets or not all(secrets):
            raise ValueError("secrets=(): expected the texts that must not be seen")
        found = list(found_in(self.all(), self.metrics.labels(), secrets))
        _claim(not found, _listed("not redacted", found))

    def assert_contract(self, plan: str | PathLike[str] = "observability", *, environment: str = "") -> None:
        """Lines and metrics are as the plan in this directory declares them; something was told."""
        # Here, because what reads plans is an extra of the package.
        from midwatch.sdk.testing.contract import breaches

        _claim(bool(self.lines), "nothing was told")
        found = breaches(self, plan, environment)
        _claim(not found, _listed("not as the contract has it", list(dict.fromkeys(found))))

    def assert_nothing_private(self) -> None:
        """Nothing that was told, written or measured looks private: no key says so, and no value."""
        found = list(private_in(self.all(), self.metrics.labels()))
        _claim(not found, _listed("private", found))


def _one(told: Sequence[T], what: str, fields: Mapping[str, Any], is_it: Callable[[T], bool]) -> T:
    __tracebackhide__ = True
    named = [one for one in told if is_it(one)]
    for one in named:
        if _has(one, fields):
            return one
    wanted = f" with {', '.join(f'{key}={value!r}' for key, value in fields.items())}" if fields else ""
    if named:
        others = [f"{one.title} with {_differing(one, fields)}" for one in named]
    else:
        others = [one.title for one in told] or ["nothing"]
    raise AssertionError(_listed(f"no {what}{wanted}; seen", others))


def _has(one: Told, fields: Mapping[str, Any]) -> bool:
    return all(key in one.fields and one.fields[key] == value for key, value in fields.items())


def _differing(one: Told, fields: Mapping[str, Any]) -> str:
    differing = (
        f"{key}={one.fields[key]!r}" if key in one.fields else f"no {key}"
        for key, value in fields.items()
        if not _has(one, {key: value})
    )
    return ", ".join(differing)


def _claim(holds: bool, message: str) -> None:  # noqa: FBT001 - as `assert` has it
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(message)


def _listed(head: str, some: Sequence[str]) -> str:
    more = [f"… and {len(some) - SHOWN_MAX} more"] if len(some) > SHOWN_MAX else []
    return "\n  ".join([f"{head}:", *some[:SHOWN_MAX], *more])
