"""The openai library against an API on loopback: what is told of each call, and what of it never is."""

from collections.abc import Iterator

import pytest

from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard, Span
from tests.integration.sdk.llm_api import CHAT_USAGE, LlmApi, answering

HOST = "127.0.0.1"
USED = {
    "gen_ai.usage.input_tokens": 30,
    "gen_ai.usage.output_tokens": 12,
    "gen_ai.usage.cache_read.input_tokens": 10,
    "gen_ai.usage.reasoning.output_tokens": 5,
}


@pytest.fixture
def api(run: Run) -> Iterator[LlmApi]:
    with answering() as api:
        app = run(f"{APPS}.asking_openai", ASKED=api.url, NOBODY=f"http://{HOST}:{free_port()}", LOG_LEVEL="debug")
        assert app.popen.wait(60) == 0, app.output()
        assert "ZEBRA" not in app.output()
        yield api


def test_openai_is_told_call_by_call(api: LlmApi, heard: Heard) -> None:
    """One app asks in every way: all that is told of it, in one run of its process."""
    spans = {one.name: one for one in heard.spans() if one.kind == "client"}
    _calls_are_spans(spans, api)
    _pieces_are_one_call(spans)
    _failures_are_named(spans, heard)
    _retries_are_counted(spans, heard)
    _metrics_and_costs_agree(heard)
    _json_is_judged(heard)
    _nothing_private_is_told(heard)


def _calls_are_spans(spans: dict[str, Span], api: LlmApi) -> None:
    plain = spans["chat plain"]
    assert plain.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "plain",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 99,
        "gen_ai.response.model": "plain-2026-01-15",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "server.address": HOST,
        "server.port": int(api.url.rpartition(":")[2]),
        "correlation_id": "order-77",
        **USED,
    }
    assert not plain.failed
    assert spans["chat tools"].attributes["gen_ai.response.finish_reasons"] == ["tool_calls"]
    for name in ("chat raw", "chat raw-stream", "chat read-later", "chat async-1", "chat async-read-later"):
        assert USED.items() <= spans[name].attributes.items(), name
    assert "gen_ai.usage.input_tokens" not in spans["chat never-read"].attributes
    response = spans["chat response"].attributes
    assert (response["gen_ai.usage.input_tokens"], response["gen_ai.usage.output_tokens"]) == (20, 9)
    assert response["gen_ai.response.finish_reasons"] == ["completed"]
    assert spans["chat short"].attributes["gen_ai.response.finish_reasons"] == ["max_output_tokens"]
    assert spans["chat short"].attributes["gen_ai.conversation.id"] == "conv_1"
    embedding = spans["embeddings embedding"].attributes
    assert (embedding["gen_ai.operation.name"], embedding["gen_ai.usage.input_tokens"]) == ("embeddings", 6)
    # The API got the ids of the call's own span, and no request was told a second time.
    ids = {body["model"]: headers["traceparent"].split("-")[1:3] for _, headers, body in api.asked}
    assert ids["plain"] == [plain.trace_id, plain.span_id]
    assert {one.attributes.get("gen_ai.provider.name") for one in spans.values()} == {"openai"}


def _pieces_are_one_call(spans: dict[str, Span]) -> None:
    """A span ends with its stream, or where the app wants no more of it, and has the tokens that the stream told."""
    for name in ("chat counted", "chat helped", "chat async-stream"):
        counted = spans[name].attributes
        assert USED.items() <= counted.items(), name
        assert counted["gen_ai.request.stream"] is True
        assert 0 < counted["gen_ai.response.time_to_first_chunk"] < spans[name].seconds
        assert counted["gen_ai.response.finish_reasons"] == ["stop"]
    for name in ("chat left", "chat dropped"):
        assert not spans[name].failed
        assert "gen_ai.usage.input_tokens" not in spans[name].attributes
    assert "gen_ai.response.time_to_first_chunk" not in spans["chat dropped"].attributes
    assert spans["chat response-stream"].attributes["gen_ai.usage.input_tokens"] == 20


def _failures_are_named(spans: dict[str, Span], heard: Heard) -> None:
    told = {one.attributes["model"]: one for one in heard.lines("llm call")}
    for model, failure, code in (
        ("quota", "429", "insufficient_quota"),
        ("wrong", "400", "context_length_exceeded"),
        ("broken", "500", "x_error"),
        ("cut", "openai.APIConnectionError", None),
        ("away", "openai.APIConnectionError", None),
    ):
        assert spans[f"chat {model}"].failed
        assert spans[f"chat {model}"].attributes["error.type"] == failure
        assert (told[model].level, told[model].attributes.get("error_code")) == ("warning", code)
    dying = [one.attributes["error.type"] for one in heard.spans("chat dying") if one.failed]
    assert sorted(dying) == ["openai.APIError", "server_error"]
    slow = [one.attributes["error.type"] for one in heard.spans("chat slow")]
    assert slow == ["timeout", "asyncio.exceptions.CancelledError"]
    # An error that the app tells is an event with all of its frames, without the API's words.
    (missing,) = heard.lines("the answer is missing")
    assert missing.attributes["exception.type"] == "openai.BadRequestError"
    assert missing.attributes["exception.message"].startswith("400 context_length_exceeded (")
    assert "asking_openai" in missing.attributes["exception.stacktrace"]
    (lost,) = heard.spans("job lost")
    assert lost.events[0]["exception.message"] == "no summary"


def _retries_are_counted(spans: dict[str, Span], heard: Heard) -> None:
    busy = spans["chat busy"]
    assert not busy.failed
    assert busy.attributes["http.request.resend_count"] == 2
    assert [(one["name"], one["error.type"]) for one in busy.events] == [("attempt failed", "429")] * 2
    assert spans["chat broken"].attributes["http.request.resend_count"] == 2
    outcomes = {one.labels["outcome"]: one.value for one in heard.points("api_retries_total", host=HOST)}
    # Two calls and a loop of the app's recovered at their second retry, one call gave up after its second.
    assert outcomes == {"recovered": 3, "failed": 4, "gave_up": 1}
    assert heard.points("api_rate_limited_total", host=HOST)[0].value == 2 + 2 + 2 + 1
    measured = {one.labels["status"]: one.value for one in heard.points("http_client_request_duration_seconds")}
    assert measured["500"] == 3
    for resource, name, value in (
        ("requests", "remaining", 59),
        ("tokens", "limit", 150000),
        ("tokens", "remaining", 149984),
        ("tokens", "reset_seconds", 360),
    ):
        assert heard.points(f"api_rate_limit_{name}", host=HOST, resource=resource)[0].value == value
    assert heard.lines("external call") == []


def _metrics_and_costs_agree(heard: Heard) -> None:
    """A stream that tells its usage is counted once, and each token has one kind of cost."""
    (plain,) = heard.points("gen_ai.client.operation.duration", **{"gen_ai.request.model": "plain"})
    assert plain.value == 1
    assert plain.labels["gen_ai.response.model"] == "plain-2026-01-15"
    assert plain.labels["gen_ai.provider.name"] == "openai"
    (quota,) = heard.points("gen_ai.client.operation.duration", **{"gen_ai.request.model": "quota"})
    assert quota.labels["error.type"] == "429"
    kinds = heard.points("gen_ai.client.token.usage", **{"gen_ai.request.model": "counted"})
    assert {one.labels["gen_ai.token.type"]: one.value for one in kinds} == {"input": 1, "output": 1}
    (first,) = heard.points("gen_ai.client.operation.time_to_first_chunk", **{"gen_ai.request.model": "counted"})
    assert first.value == 1
    costs = [one.attributes for one in heard.lines("cost")]
    for model in ("plain", "counted", "helped", "raw", "read-later", "misshaped", "async-stream"):
        of_model = {one["cost.kind"]: one["cost.units"] for one in costs if one["model"] == model}
        assert of_model == {"llm.input_tokens": 20, "llm.cache_read_tokens": 10, "llm.output_tokens": 12}, model
    assert {(one["provider"], one["job_id"], one["correlation_id"]) for one in costs} == {
        ("openai", "job-5", "order-77")
    }
    assert len([one for one in costs if one["model"] == "counted"]) == 3
    assert CHAT_USAGE["total_tokens"] == 20 + 10 + 12


def _json_is_judged(heard: Heard) -> None:
    outcomes = {
        (one.labels["model"], one.labels["outcome"]): one.value for one in heard.points("llm_json_results_total")
    }
    assert outcomes == {("shaped", "valid"): 1, ("misshaped", "schema"): 1}
    (line,) = heard.lines("invalid LLM JSON")
    assert line.level == "warning"
    about = {key: line.attributes[key] for key in ("provider", "model", "reason", "response_id", "job_id")}
    assert about == {
        "provider": "openai",
        "model": "misshaped",
        "reason": "schema",
        "response_id": "chatcmpl-1",
        "job_id": "job-5",
    }


def _nothing_private_is_told(heard: Heard) -> None:
    """No prompt, system text, answer, tool, argument, key, user or API's message in any signal."""
    for name in (b"ZEBRA", b"look_up", b"sk-proj"):
        assert name not in heard.all_bytes()
