"""The anthropic library against an API on loopback: what is told of each call, and what of it never is."""

from collections.abc import Iterator

import pytest

from tests.integration.sdk.conftest import APPS, Run
from tests.integration.sdk.heard import Heard, Span
from tests.integration.sdk.llm_api import LlmApi, answering

HOST = "127.0.0.1"
USED = {
    "gen_ai.usage.input_tokens": 340,
    "gen_ai.usage.output_tokens": 15,
    "gen_ai.usage.cache_read.input_tokens": 200,
    "gen_ai.usage.cache_creation.input_tokens": 100,
}


@pytest.fixture
def api(run: Run) -> Iterator[LlmApi]:
    with answering() as api:
        # The library tells of itself. Even where it is asked to tell all, a call that is observed is told by us alone.
        told = {"ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content", "LOG_LEVEL": "debug"}
        app = run(f"{APPS}.asking_anthropic", ASKED=api.url, **told)
        assert app.popen.wait(60) == 0, app.output()
        assert "ZEBRA" not in app.output()
        yield api


def test_anthropic_is_told_call_by_call(api: LlmApi, heard: Heard) -> None:
    """One app asks in every way: all that is told of it, in one run of its process."""
    spans = {one.name: one for one in heard.spans() if one.kind == "client"}
    _calls_are_spans(spans, api)
    _pieces_are_one_call(spans)
    _failures_and_retries(spans, heard)
    _metrics_and_costs_agree(heard)
    _nothing_private_is_told(heard)


def _calls_are_spans(spans: dict[str, Span], api: LlmApi) -> None:
    assert spans["chat plain"].attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "plain",
        "gen_ai.request.max_tokens": 64,
        "gen_ai.response.model": "plain-20260115",
        "gen_ai.response.id": "msg_2",
        "gen_ai.response.finish_reasons": ["end_turn"],
        "server.address": HOST,
        "server.port": int(api.url.rpartition(":")[2]),
        "correlation_id": "order-78",
        **USED,
    }
    assert spans["chat tools"].attributes["gen_ai.response.finish_reasons"] == ["tool_use"]
    for name in ("one", "copied", "beta", "raw", "async"):
        assert USED.items() <= spans[f"chat {name}"].attributes.items(), name
    # What nobody has asked to be observed is left to the library, and a request that is no call is one of HTTP.
    others = [one for one in spans.values() if not one.name.startswith("chat ")]
    assert [one.name for one in others] == ["anthropic.messages.create", "POST"]
    assert others[0].attributes["gen_ai.request.model"] == "other"
    ids = {body["model"]: headers["traceparent"].split("-")[2] for _, headers, body in api.asked}
    assert ids["plain"] == spans["chat plain"].span_id


def _pieces_are_one_call(spans: dict[str, Span]) -> None:
    for name in ("stream", "helped", "async-stream", "async-helped"):
        streamed = spans[f"chat {name}"].attributes
        assert USED.items() <= streamed.items(), name
        assert streamed["gen_ai.response.finish_reasons"] == ["end_turn"]
        assert streamed["gen_ai.response.time_to_first_chunk"] > 0
    assert not spans["chat left"].failed
    assert "gen_ai.response.finish_reasons" not in spans["chat left"].attributes


def _failures_and_retries(spans: dict[str, Span], heard: Heard) -> None:
    told = {one.attributes["model"]: one.attributes for one in heard.lines("llm call")}
    for model, failure, code in (
        ("dying", "anthropic.APIStatusError", "overloaded_error"),
        ("broken", "500", "api_error"),
        ("quota", "429", "rate_limit_error"),
        ("slow", "timeout", None),
    ):
        found = (spans[f"chat {model}"].attributes["error.type"], told[model].get("error_code"))
        assert found == (failure, code)
    assert spans["chat busy"].attributes["http.request.resend_count"] == 2
    outcomes = {one.labels["outcome"]: one.value for one in heard.points("api_retries_total", host=HOST)}
    assert outcomes == {"recovered": 1, "failed": 1, "gave_up": 1}
    for resource, name, value in (
        ("requests", "limit", 50),
        ("requests", "remaining", 49),
        ("output-tokens", "remaining", 7900),
    ):
        assert heard.points(f"api_rate_limit_{name}", host=HOST, resource=resource)[0].value == value
    assert heard.points("api_rate_limit_reset_seconds", host=HOST, resource="requests")[0].value > 1e9


def _metrics_and_costs_agree(heard: Heard) -> None:
    costs = [one.attributes for one in heard.lines("cost")]
    for model in ("plain", "stream", "helped", "async-stream"):
        of_model = {one["cost.kind"]: one["cost.units"] for one in costs if one["model"] == model}
        assert of_model == {
            "llm.input_tokens": 40,
            "llm.cache_read_tokens": 200,
            "llm.cache_creation_tokens": 100,
            "llm.output_tokens": 15,
        }, model
    assert {(one["provider"], one["job_id"], one["response_model"]) for one in costs if one["model"] == "stream"} == {
        ("anthropic", "job-6", "stream-20260115")
    }
    kinds = heard.points("gen_ai.client.token.usage", **{"gen_ai.request.model": "stream"})
    assert {one.labels["gen_ai.token.type"]: one.value for one in kinds} == {"input": 1, "output": 1}


def _nothing_private_is_told(heard: Heard) -> None:
    """No prompt, system text, answer, tool, argument, key or API's message in any signal."""
    for name in (b"ZEBRA", b"look_up", b"sk-ant"):
        assert name not in heard.all_bytes()
