"""Questions to one server: how long it takes, what it costs and whether the answer is the right one."""

import statistics
import time
from dataclasses import dataclass

import orjson

from benchmarks import cpu
from benchmarks.metrics.questions import Answer, Question, difference, understood
from benchmarks.metrics.servers import Running


@dataclass(frozen=True, slots=True)
class Told:
    """A server's answer to a question, with what it took."""

    question: Question
    answer: Answer | None
    """None where it could not tell: `failure` says why."""
    first_seconds: float = 0.0
    seconds: float = 0.0
    """The median of all times but the first."""
    used: dict[str, float] | None = None
    """CPU-seconds of one answer, by process."""
    failure: str = ""

    def took(self) -> str:
        if self.failure or self.used is None:
            return "failed"
        used = ", ".join(f"{name} {seconds * 1e3:.0f}" for name, seconds in self.used.items())
        return f"{self.seconds * 1e3:,.0f} ms (first {self.first_seconds * 1e3:,.0f}; CPU {used})"


def ask_all(server: Running, questions: list[Question], times: int) -> list[Told]:
    return [_ask(server, question, times) for question in questions]


def _ask(server: Running, question: Question, times: int) -> Told:
    before, took = cpu.by_process(server.process), []
    content = b""
    for _ in range(times):
        started = time.perf_counter()
        answer = server.api.get(question.path, params={**question.parameters, **server.parameters})
        took.append(time.perf_counter() - started)
        if not answer.is_success:
            return Told(question, None, failure=f"{answer.status_code} {answer.text[:200]}")
        content = answer.content
    used = cpu.by_process(server.process)
    used.subtract(before)
    spent = {name: seconds / times for name, seconds in used.items()}
    found = understood(question, orjson.loads(content))
    return Told(question, found, took[0], statistics.median(took[1:] or took), spent)


def report_answers(told: dict[str, list[Told]]) -> None:
    """Per question a line for each server; the first server's answers are what the others' are held against."""
    reference = next(iter(told))
    print(f"\nAnswers, held against those of {reference}:")
    for place, wanted in enumerate(told[reference]):
        print(f"  {wanted.question.name} ({len(wanted.answer or ()):,} values)")
        for name, answers in told.items():
            print(f"    {name}: {answers[place].took()} {_judged(wanted, answers[place])}", flush=True)


def _judged(wanted: Told, found: Told) -> str:
    if found.answer is None or wanted.answer is None:
        return found.failure
    if found is wanted:
        return ""
    return difference(wanted.answer, found.answer) or "equal"
