"""What somebody means, by a language model: what it cannot say in time, or as JSON, is asked back."""

import os
from typing import Any, TypeVar

import anthropic
from pydantic import BaseModel
from telemetry import llm_calls, llm_failures, llm_latency_ms, log, milliseconds

import midwatch

MODEL = "claude-haiku-4-5"
TIMEOUT_SECONDS = 2.0
INTENT_PROMPT = 'What does this text message want? Answer with JSON: {"intent": …, "activity": …, "minutes": …}'
INTERESTS_PROMPT = 'Which interests does this text name? Answer with JSON: {"interests": […]}'
client = anthropic.Anthropic(
    base_url=f"{os.environ['OUTSIDE_URL']}/llm", api_key="example", timeout=TIMEOUT_SECONDS, max_retries=1
)
T = TypeVar("T", bound=BaseModel)


class Intent(BaseModel):
    intent: str
    activity: str = "something"
    minutes: float = 120


class Interests(BaseModel):
    interests: list[str]


def intent_of(text: str) -> Intent | None:
    """None where the model did not say: the caller asks back."""
    llm_calls.inc()
    log.info("llm.intent.request", model=MODEL)
    try:
        found = _asked(INTENT_PROMPT, text, Intent)
    except (anthropic.APIError, midwatch.InvalidLlmJson) as error:
        reason = reason_of(error)
        llm_failures.inc(reason=reason)
        midwatch.capture_exception(error, category="llm_intent", severity="warning", tags={"reason": reason})
        if reason == "invalid_json":
            log.warning("llm.intent.invalid_json", model=MODEL, error_code=reason)
        log.warning("llm.intent.fallback_clarifier", error_code=reason)
        return None
    log.info("llm.intent.response", model=MODEL, intent=found.intent)
    return found


def interests_of(text: str) -> list[str]:
    try:
        return _asked(INTERESTS_PROMPT, text, Interests).interests
    except (anthropic.APIError, midwatch.InvalidLlmJson) as error:
        midwatch.capture_exception(error, category="llm_extraction", severity="warning")
        return []


def reason_of(error: Exception) -> str:
    match error:
        case anthropic.APITimeoutError():
            return "timeout"
        case anthropic.APIStatusError():
            return f"status_{error.status_code}"
        case midwatch.InvalidLlmJson():
            return "invalid_json"
        case _:
            return "unreachable"


def _asked(prompt: str, text: str, schema: type[T]) -> T:
    with milliseconds(llm_latency_ms, model=MODEL):
        answer = client.messages.create(
            model=MODEL, max_tokens=200, system=prompt, messages=[{"role": "user", "content": text}]
        )
    found: Any = midwatch.parse_llm_json("".join(one.text for one in answer.content if one.type == "text"), schema)
    return found  # type: ignore[no-any-return]
