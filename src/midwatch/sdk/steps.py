"""Steps of a pipeline: child spans, timed by status; a failure is told and goes on its way."""

from types import TracebackType
from typing import Any, Self

from midwatch.sdk.around import F, around
from midwatch.sdk.job_metrics import JOB_METRICS
from midwatch.sdk.timed import CANCELLED, DEBUG, FAILED, Timed, guard, say


class Step:
    """As a context, or, before a function, each call of it."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.name = name
        self._fields = fields
        self._timed: Timed | None = None

    def __call__(self, function: F) -> F:
        return around(function, lambda *_: Step(self.name, self._fields))

    def __enter__(self) -> Self:
        with guard:
            self._timed = Timed("step", self.name, {"step.name": self.name, **self._fields})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        timed = self._timed
        if timed is None:
            return
        with guard:
            try:
                self._tell(*timed.end(error), error)
            finally:
                timed.leave()

    def _tell(self, status: str, seconds: float, error: BaseException | None) -> None:
        JOB_METRICS.step_ended(self.name, status, seconds, self._fields)
        fields = {**self._fields, "step": self.name, "status": status, "duration_ms": round(seconds * 1000, 3)}
        if status == FAILED:
            say("error", "step failed", fields, error)
        else:
            say("warning" if status == CANCELLED else DEBUG, "step ended", fields)


def step(name: str, **fields: Any) -> Step:
    """A step of a job: `with midwatch.step("tts"):`, or `@midwatch.step("tts")`, coroutine functions too.

    Args:
        name: Which step; few names.
        fields: More that belongs on its span and lines.
    """
    return Step(name, fields)
