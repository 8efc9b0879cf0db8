"""What is told of each call of a language model: a span, a line, histograms, costs, and how often it was tried again.

By OpenTelemetry's GenAI conventions, and never what was asked or answered.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from time import perf_counter, time_ns
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

from midwatch.sdk import context, retries
from midwatch.sdk.guard import Guard
from midwatch.sdk.llm_failures import SYNTAX, VALID, code_of, failure_of, keep_private, word_of
from midwatch.sdk.llm_metrics import count_json, measure
from midwatch.sdk.llm_usage import Usage, charge
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import METRICS, in_force

LOGGER = "midwatch.llm"
FINISH_REASONS_MAX = 16
NAME_MAX = 128
"""Characters of what an API calls its models and answers."""
DROPPED_MAX = 1000
"""Calls whose streams were dropped unread, and that are yet to be told."""

guard = Guard("llm calls", PROBLEMS)
_tracer = trace.get_tracer(LOGGER)
_dropped: "deque[LlmCall]" = deque(maxlen=DROPPED_MAX)
_last: ContextVar["LlmCall | None"] = ContextVar("midwatch.llm_call", default=None)


class LlmCall:
    """A call that is being made; one task or thread at a time."""

    __slots__ = (
        "_amount",
        "_attempts",
        "_currency",
        "_finish_reasons",
        "_first_chunk_seconds",
        "_is_over",
        "_otel",
        "_outer",
        "_response_model",
        "_span",
        "_started",
        "_stopped",
        "_work",
        "address",
        "model",
        "operation",
        "port",
        "provider",
        "response_id",
        "tokens",
        "wants_json",
    )

    def __init__(
        self,
        provider: str,
        model: str,
        operation: str,
        *,
        address: str = "",
        port: int | None = None,
        told_as_a_whole: bool = False,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        """`told_as_a_whole`: it is one operation of a client library, whose requests need no spans of their own."""
        if _dropped:
            tell_dropped()
        self.provider, self.model, self.operation = provider, model, operation
        self.address, self.port = address, port
        self.response_id = ""
        self.wants_json = False
        """Whether the answer is asked for as JSON of a shape."""
        self.tokens = Usage()
        self._amount: float | None = None
        self._currency = "USD"
        self._response_model = ""
        self._finish_reasons: list[str] = []
        self._first_chunk_seconds: float | None = None
        self._is_over = False
        self._stopped: tuple[float, int] | None = None
        self._work = context.current()
        self._outer = retries.at_hand()
        self._attempts = retries.Attempts(told_at=address if told_as_a_whole else "", watch=self._attempt_failed)
        about: dict[str, Any] = {"gen_ai.operation.name": operation, "gen_ai.provider.name": provider}
        if model:
            about["gen_ai.request.model"] = model
        if address:
            about["server.address"] = address
        if port:
            about["server.port"] = port
        if attributes:
            about.update(attributes)
        name = f"{operation} {model}" if model else operation
        self._span = _tracer.start_span(name, kind=SpanKind.CLIENT, attributes=about)
        self._otel = set_span_in_context(self._span)
        self._started = perf_counter()

    def enter(self) -> tuple[Any, Any]:
        """From here on its span is the current one and requests are its attempts, until `leave` with what this gave."""
        return otel_context.attach(self._otel), retries.enter(self._attempts)

    def leave(self, tokens: tuple[Any, Any]) -> None:
        retries.leave(tokens[1])
        otel_context.detach(tokens[0])

    def usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_creation_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        amount: float | None = None,
        currency: str = "USD",
    ) -> None:
        """How many tokens the whole call took; said again, the newer numbers hold.

        Args:
            input_tokens: All that were read, those of `cache_read_tokens` and `cache_creation_tokens` too.
            output_tokens: All that were written, those of `reasoning_tokens` too.
            cache_read_tokens: Of the input, what was found in the provider's cache.
            cache_creation_tokens: Of the input, what was put there.
            reasoning_tokens: Of the output, what was thought.
            amount: What the call cost, where that is known; else a price list says it.
            currency: ISO 4217.
        """
        with guard:
            self.tokens.put(
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                cache_read_tokens=cache_read_tokens,
                cache_creation_tokens=cache_creation_tokens,
                reasoning_tokens=reasoning_tokens,
            )
            if amount is not None:
                self._amount, self._currency = float(amount), currency

    def answered(
        self, *, model: str | None = None, response_id: str | None = None, finish_reasons: Sequence[Any] = ()
    ) -> None:
        """What the answer says of itself: which model gave it, its id, and why it ended (`stop`, `length`, …)."""
        with guard:
            if model:
                self._response_model = str(model)[:NAME_MAX]
            if response_id:
                self.response_id = str(response_id)[:NAME_MAX]
            for reason in finish_reasons:
                if len(self._finish_reasons) < FINISH_REASONS_MAX and (word := word_of(reason)):
                    self._finish_reasons.append(word)

    def first_chunk(self) -> None:
        """The first piece of a stream is there; the first time counts."""
        if self._first_chunk_seconds is None:
            self._first_chunk_seconds = perf_counter() - self._started

    def invalid_json(self, reason: str = SYNTAX) -> None:
        """The answer was to be JSON and is not what was asked for; also after the call.

        Args:
            reason: `empty`, `syntax`, `truncated`, `schema`, or a word of the team's own; never the answer.
        """
        self.json_result(word_of(reason) or SYNTAX)

    def json_result(self, outcome: str) -> None:
        """How an answer that was to be JSON turned out."""
        with guard:
            count_json(self.provider, self.model or self._response_model, outcome)
            if outcome == VALID:
                return
            fields = {**self._about(), "reason": outcome}
            if self._finish_reasons:
                fields["finish_reason"] = self._finish_reasons[0]
            if self.response_id:
                fields["response_id"] = self.response_id
            self._say("warning", "invalid LLM JSON", fields)

    def drop(self) -> None:
        """It came to its end as garbage: told as soon as that is safe, because whoever made the garbage collector run
        may hold any lock."""
        if not self._is_over and self._stopped is None:
            self._stopped = (perf_counter(), time_ns())
            _dropped.append(self)

    def end(self, error: BaseException | None = None, *, failure: str = "", code: str = "") -> None:
        """The first time counts.

        `failure` is an `error.type` where there is no exception, and `code` the API's own word for it.
        """
        if self._is_over:
            return
        self._is_over = True
        with guard:
            stopped, stopped_ns = self._stopped or (perf_counter(), None)
            seconds = stopped - self._started
            self._attempts.close()
            if error is not None:
                failure, code = failure_of(error), code or code_of(error)
                keep_private(error)
            if self._outer is not None:
                place = (self.address or self.provider, self.operation, self.model)
                self._outer.ended(place, failure, seconds, failed=bool(failure))
            self._tell_span(failure, code, stopped_ns)
            which = (self.operation, self.provider, self.model, self._response_model, self.address, self.port)
            measure(which, seconds, failure, self._first_chunk_seconds, self.tokens)
            _last.set(self)
            self._tell_line(seconds, failure, code)

    def belongs_to(self, work: context.Context) -> bool:
        return self._work.correlation_id == work.correlation_id

    def _tell_span(self, failure: str, code: str, stopped_ns: int | None) -> None:
        span = self._span
        if span.is_recording():
            span.set_attributes(self.tokens.attributes())
            if self._response_model:
                span.set_attribute("gen_ai.response.model", self._response_model)
            if self.response_id:
                span.set_attribute("gen_ai.response.id", self.response_id)
            if self._finish_reasons:
                span.set_attribute("gen_ai.response.finish_reasons", self._finish_reasons)
            if self._first_chunk_seconds is not None:
                span.set_attribute("gen_ai.response.time_to_first_chunk", self._first_chunk_seconds)
            if self._attempts.retries:
                span.set_attribute("http.request.resend_count", self._attempts.retries)
            if failure:
                span.set_attribute("error.type", failure)
                span.set_status(StatusCode.ERROR, code)
        span.end(stopped_ns)

    def _tell_line(self, seconds: float, failure: str, code: str) -> None:
        fields = self._about()
        fields["duration_ms"] = round(seconds * 1000, 3)
        if self._first_chunk_seconds is not None:
            fields["first_chunk_ms"] = round(self._first_chunk_seconds * 1000, 3)
        for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "reasoning_tokens"):
            count = getattr(self.tokens, name)
            if count is not None:
                fields[name] = count
        if self._finish_reasons:
            fields["finish_reason"] = self._finish_reasons[0]
        if self._attempts.retries:
            fields["retries"] = self._attempts.retries
        if failure:
            fields["error_type"] = failure
        if code:
            fields["error_code"] = code
        charged = {"provider": self.provider, "model": self.model or self._response_model}
        if self._response_model not in ("", charged["model"]):
            charged["response_model"] = self._response_model
        self._say("warning" if failure else "info", "llm call", fields, charged)

    def _say(self, level: str, message: str, fields: dict[str, Any], charged: dict[str, str] | None = None) -> None:
        """Under the ids of the call: a stream may come to its end in another task, or as garbage."""
        span, work = otel_context.attach(self._otel), context.enter(self._work)
        try:
            running = in_force()
            if running is not None:
                running.logs.emit(level, message, fields, logger=LOGGER)
            if charged is not None:
                charge(self.tokens, amount=self._amount, currency=self._currency, attributes=charged)
        finally:
            context.leave(work)
            otel_context.detach(span)

    def _about(self) -> dict[str, Any]:
        about = {"provider": self.provider, "model": self.model, "operation": self.operation}
        if self._response_model not in ("", self.model):
            about["response_model"] = self._response_model
        return about

    def _attempt_failed(self, status: str, seconds: float) -> None:
        self._span.add_event("attempt failed", {"error.type": status, "duration_seconds": round(seconds, 6)})


def tell_dropped() -> None:
    """Those that have ended as garbage."""
    while _dropped:
        with suppress(IndexError):
            # Another thread may have been quicker.
            _dropped.popleft().end()


METRICS.before_reading(tell_dropped)


def last_call() -> LlmCall | None:
    """The last one of the work at hand that has ended."""
    found = _last.get()
    # One that ended as garbage may have ended in the middle of other work.
    return found if found is not None and found.belongs_to(context.current()) else None
