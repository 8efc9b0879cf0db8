"""Calls of language models that the app tells of by itself, and answers that are to be JSON."""

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import midwatch
from midwatch.sdk.llm_calls import DROPPED_MAX, NAME_MAX, LlmCall, tell_dropped
from tests.otlp_sink import OtlpSink, plain

ASKED = "q1w2" + "e3r4"
"""In no line of the source as it is: tracebacks show those."""


class Order(BaseModel):
    city: str
    count: int


def test_any_client_can_be_told(sent: OtlpSink) -> None:
    """A span, a line, tokens by kind, and its costs under the job's id."""
    job = midwatch.job("summary", job_id="j-1")
    with midwatch.work("c-1"), job, midwatch.llm_call(provider="ollama", model="qwen3") as call:
        call.first_chunk()
        call.usage(input_tokens=100, output_tokens=7)
        call.usage(output_tokens=9, cache_read_tokens=60, amount=0.5, currency="EUR")
        call.answered(model="qwen3:8b", response_id="r-1", finish_reasons=["stop", "an answer that is no reason"])
    midwatch.flush()
    (span,) = (one for one in sent.spans if one.name == "chat qwen3")
    about = plain(span.attributes)
    assert about.pop("gen_ai.response.time_to_first_chunk") > 0
    assert about == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "ollama",
        "gen_ai.request.model": "qwen3",
        "gen_ai.response.model": "qwen3:8b",
        "gen_ai.response.id": "r-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "correlation_id": "c-1",
    }
    (line,) = (plain(one.attributes) for one in sent.logs if one.body.string_value == "llm call")
    assert (line["input_tokens"], line["output_tokens"], line["job_id"]) == (100, 9, "j-1")
    costs = {one["cost.kind"]: one for _, one in sent.events("cost")}
    units = {kind: (one["cost.units"], one["cost.amount"], one["cost.currency"]) for kind, one in costs.items()}
    # What the call cost is told once.
    assert units == {
        "llm.input_tokens": (40, 0.5, "EUR"),
        "llm.cache_read_tokens": (60, 0.0, "EUR"),
        "llm.output_tokens": (9, 0.0, "EUR"),
    }
    assert {(one["job_id"], one["provider"], one["model"], one["response_model"]) for one in costs.values()} == {
        ("j-1", "ollama", "qwen3", "qwen3:8b")
    }


def test_a_failure_goes_on_its_way(sent: OtlpSink) -> None:
    with pytest.raises(TimeoutError), midwatch.llm_call(provider="ollama", model="slow", operation="embeddings"):
        raise TimeoutError("q1w2e3r4")
    midwatch.flush()
    (span,) = sent.spans
    assert (span.name, span.status.code, span.status.message) == ("embeddings slow", 2, "")
    assert plain(span.attributes)["error.type"] == "timeout"
    assert not sent.events("cost")


def test_an_api_that_quotes_is_not_quoted(sent: OtlpSink) -> None:
    """An error that came out of a call is told without its text and its callers' variables, also as a cause."""

    class Refused(Exception):
        body, status_code, code = {"error": "…"}, 400, "content_filter"

    def ask(question: str) -> None:
        with midwatch.llm_call(provider="ollama", model="qwen3"):
            raise Refused(f"not allowed: {question}")

    def answer(question: str) -> None:
        try:
            ask(question)
        except Refused as error:
            raise LookupError("no answer") from error

    with pytest.raises(LookupError), midwatch.job("answering"):
        answer(ASKED)
    midwatch.flush()
    ((_, event),) = sent.events("exception")
    assert event["exception.message"] == "no answer"
    assert "400 content_filter (its text may quote" in event["exception.stacktrace"]
    assert '"function"' in event["exception.frames"]
    for _, body in sent.bodies:
        assert b"q1w2e3r4" not in body


@pytest.mark.parametrize(
    ("text", "schema", "found"),
    [
        ('{"city": "Rome", "count": 2}', None, {"city": "Rome", "count": 2}),
        ('```json\n{"city": "Rome", "count": 2}\n```', Order, Order(city="Rome", count=2)),
        ("[1, 2]", TypeAdapter(list[int]), [1, 2]),
        ("7", str, "7"),
    ],
    ids=["plain", "fence and model", "adapter", "callable"],
)
def test_json_is_read(sent: OtlpSink, text: str, schema: object, found: object) -> None:
    assert midwatch.parse_llm_json(text, schema) == found


@pytest.mark.parametrize(
    ("text", "schema", "reason", "message"),
    [
        (None, None, "empty", "cannot read the model's JSON: empty"),
        ("```json\n```", None, "empty", "cannot read the model's JSON: empty"),
        ("q1w2e3r4, of course", None, "syntax", "cannot read the model's JSON: syntax at character 0 of 19"),
        ('{"q1w2e3r4": [1, 2', None, "truncated", "cannot read the model's JSON: truncated at character 18 of 18"),
        ('{"a": "q1w2e3r4', None, "truncated", "cannot read the model's JSON: truncated at character 6 of 15"),
        ("[" * 100_000, None, "syntax", "cannot read the model's JSON: syntax"),
        ('{"city": "q1w2e3r4", "count": "q1w2e3r4"}', Order, "schema", "…: schema (mistakes: 1)"),
        ('"q1w2e3r4"', int, "schema", "…: schema (ValueError)"),
    ],
    ids=["nothing", "an empty fence", "prose", "cut", "cut in a string", "too deep", "not the model's", "not a number"],
)
def test_what_is_wrong_with_json_is_told_without_it(
    sent: OtlpSink, text: str | None, schema: object, reason: str, message: str
) -> None:
    """With the call that it came from, in the exception's words and in all that is sent."""
    with midwatch.work(), midwatch.llm_call(provider="ollama", model=f"of {reason}") as call:
        call.answered(finish_reasons=["length"])
        with pytest.raises(midwatch.InvalidLlmJson) as raised:
            midwatch.parse_llm_json(text, schema, call=call)
    assert str(raised.value) == message.replace("…", "cannot read the model's JSON")
    assert raised.value.reason == reason
    midwatch.get_logger("app").error("no order", exc_info=raised.value)
    midwatch.flush()
    (line,) = (one for one in sent.logs if one.body.string_value == "invalid LLM JSON")
    told = plain(line.attributes)
    about = (line.severity_text, told["provider"], told["model"], told["reason"], told["finish_reason"])
    assert about == ("warning", "ollama", f"of {reason}", reason, "length")
    counted = sent.series("llm_json_results_total")
    assert counted[(("model", f"of {reason}"), ("outcome", reason), ("provider", "ollama"))] >= 1
    for _, body in sent.bodies:
        assert b"q1w2e3r4" not in body


def test_answers_are_of_the_last_call_of_their_work(sent: OtlpSink) -> None:
    """And where there was none, of nobody known."""
    with midwatch.work():
        with midwatch.llm_call(provider="ollama", model="first"):
            pass
        with midwatch.llm_call(provider="ollama", model="second"):
            pass
        midwatch.parse_llm_json("1")
    with midwatch.work(), pytest.raises(midwatch.InvalidLlmJson):
        midwatch.parse_llm_json("")
    midwatch.flush()
    counted = sent.series("llm_json_results_total")
    assert counted[(("model", "second"), ("outcome", "valid"), ("provider", "ollama"))] == 1
    assert counted[(("outcome", "empty"),)] == 1


def test_a_team_says_what_is_wrong_in_its_own_words(sent: OtlpSink) -> None:
    with midwatch.llm_call(provider="ollama", model="worded") as call:
        pass
    call.invalid_json("unknown_intent")
    call.invalid_json("what the model said, in full")
    midwatch.flush()
    counted = sent.series("llm_json_results_total")
    assert counted[(("model", "worded"), ("outcome", "unknown_intent"), ("provider", "ollama"))] == 1
    assert counted[(("model", "worded"), ("outcome", "syntax"), ("provider", "ollama"))] == 1


def test_calls_are_measured_by_the_conventions(sent: OtlpSink) -> None:
    """Units and buckets as OpenTelemetry's GenAI conventions have them."""
    with midwatch.llm_call(provider="ollama", model="measured") as call:
        call.usage(input_tokens=5)
    midwatch.flush()
    metrics = {one.name: one for one in sent.metrics}
    duration, tokens = metrics["gen_ai.client.operation.duration"], metrics["gen_ai.client.token.usage"]
    assert (duration.unit, tokens.unit) == ("s", "{token}")
    seconds = list(duration.histogram.data_points[0].explicit_bounds)
    assert (seconds[0], seconds[-1], len(seconds)) == (0.01, 81.92, 14)
    counts = list(tokens.histogram.data_points[0].explicit_bounds)
    assert (counts[0], counts[1], counts[-1]) == (1, 4, 67108864)
    (of_call,) = (
        one for one in tokens.histogram.data_points if plain(one.attributes).get("gen_ai.request.model") == "measured"
    )
    assert plain(of_call.attributes)["gen_ai.token.type"] == "input"


def test_a_call_that_ends_as_garbage_is_told_when_it_is_safe(sent: OtlpSink) -> None:
    """With the time at which it ended; the garbage collector itself waits for no lock of ours."""
    call = LlmCall("ollama", "garbage", "chat")
    call.drop()
    assert not [one for one in sent.logs if one.body.string_value == "llm call"]
    # Metrics are read when all is sent, and bring it up to date.
    assert midwatch.flush()
    assert midwatch.flush()
    (span,) = sent.spans
    (line,) = (one for one in sent.logs if one.body.string_value == "llm call")
    assert span.name == "chat garbage"
    assert span.end_time_unix_nano <= line.time_unix_nano
    call.drop()
    call.end()
    midwatch.flush()
    assert len(sent.spans) == 1


def test_calls_that_are_garbage_are_bounded(sent: OtlpSink) -> None:
    """Those that were dropped last are told."""
    calls = [LlmCall("ollama", f"m-{number}", "chat") for number in range(DROPPED_MAX + 1)]
    for one in calls:
        one.drop()
    tell_dropped()
    told = sent_names(sent)
    assert len(told) == DROPPED_MAX
    assert "chat m-0" not in told


def sent_names(sent: OtlpSink) -> set[str]:
    midwatch.flush()
    return {one.name for one in sent.spans}


def test_names_are_cut(sent: OtlpSink) -> None:
    with midwatch.llm_call(provider="ollama", model="cut") as call:
        call.answered(model="m" * (NAME_MAX + 1), response_id="r" * (NAME_MAX + 1))
    midwatch.flush()
    about = plain(sent.spans[0].attributes)
    assert (about["gen_ai.response.model"], about["gen_ai.response.id"]) == ("m" * NAME_MAX, "r" * NAME_MAX)


def test_before_init_nothing_is_in_the_way() -> None:
    with midwatch.llm_call(provider="ollama", model="qwen3") as call:
        call.usage(input_tokens=1)
        call.invalid_json()
    assert midwatch.parse_llm_json("{}") == {}
    with pytest.raises(ValidationError), midwatch.llm_call(provider="ollama", model="qwen3"):
        Order.model_validate({})
