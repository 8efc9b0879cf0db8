"""Metrics of calls of language models, by OpenTelemetry's GenAI conventions, and of answers that are no JSON."""

from functools import lru_cache
from typing import Any

from midwatch.sdk.llm_usage import Usage
from midwatch.sdk.setup import METRICS

TOKEN_BUCKETS = tuple(float(4**power) for power in range(14))
SECONDS_BUCKETS = tuple(0.01 * 2**power for power in range(14))
"""Both as the conventions have them: 1 to 67,108,864 tokens, 0.01 to 81.92 seconds."""
KEPT_MAX = 500
"""Series that are at hand without being looked up by their eight labels; a team has a few models."""

_WHICH = (
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "server.address",
    "server.port",
)
_durations = METRICS.histogram(
    "gen_ai.client.operation.duration",
    "Duration of LLM calls",
    (*_WHICH, "error.type"),
    SECONDS_BUCKETS,
    unit="s",
)
_first_chunks = METRICS.histogram(
    "gen_ai.client.operation.time_to_first_chunk",
    "Time until a stream's first chunk",
    _WHICH,
    SECONDS_BUCKETS,
    unit="s",
)
_tokens = METRICS.histogram(
    "gen_ai.client.token.usage",
    "Tokens of LLM calls",
    (*_WHICH, "gen_ai.token.type"),
    TOKEN_BUCKETS,
    unit="{token}",
)
_json = METRICS.counter(
    "llm_json_results_total", "Answers that were to be JSON, by what they were", ("provider", "model", "outcome")
)


Which = tuple[str, str, str, str, str, int | None]
"""Operation, provider, the model that was asked, the one that answered, host, port."""


def measure(which: Which, seconds: float, failure: str, first_chunk_seconds: float | None, tokens: Usage) -> None:
    _duration_of(which, failure).observe(seconds)
    if first_chunk_seconds is not None:
        _first_chunks.labels(**_labels(which)).observe(first_chunk_seconds)
    if tokens.input_tokens is not None:
        _tokens_of(which, "input").observe(tokens.input_tokens)
    if tokens.output_tokens is not None:
        _tokens_of(which, "output").observe(tokens.output_tokens)


@lru_cache(KEPT_MAX)
def _duration_of(which: Which, failure: str) -> Any:
    return _durations.labels(**_labels(which), **{"error.type": failure})


@lru_cache(KEPT_MAX)
def _tokens_of(which: Which, kind: str) -> Any:
    return _tokens.labels(**_labels(which), **{"gen_ai.token.type": kind})


def _labels(which: Which) -> dict[str, Any]:
    return dict(zip(_WHICH, (*which[:5], which[5] or ""), strict=True))


def count_json(provider: str, model: str, outcome: str) -> None:
    _json.inc(provider=provider, model=model, outcome=outcome)
