"""Calls of language models: what is made of what their APIs say, in tables."""

from typing import Any

import anthropic
import httpx2
import openai
import pytest
from pydantic import BaseModel, ValidationError

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.integrations.openai import OpenAi
from midwatch.sdk.llm_calls import FINISH_REASONS_MAX, LlmCall
from midwatch.sdk.llm_clients import _finish
from midwatch.sdk.llm_failures import code_of, failure_of, json_failure_of, keep_private, word_of
from midwatch.sdk.llm_usage import Usage
from midwatch.sdk.problems import PROBLEMS


class Options:
    def __init__(self, url: str, body: Any, method: str = "post") -> None:
        self.url, self.json_data, self.method = url, body, method


@pytest.mark.parametrize(
    ("usage", "units"),
    [
        (Usage(), {}),
        (Usage(input_tokens=5, output_tokens=2), {"llm.input_tokens": 5, "llm.output_tokens": 2}),
        (Usage(input_tokens=5, cache_read_tokens=5), {"llm.cache_read_tokens": 5}),
        (
            Usage(9, 4, cache_read_tokens=3, cache_creation_tokens=2, reasoning_tokens=4),
            {
                "llm.input_tokens": 4,
                "llm.cache_read_tokens": 3,
                "llm.cache_creation_tokens": 2,
                "llm.output_tokens": 4,
            },
        ),
        (Usage(input_tokens=1, cache_read_tokens=3), {"llm.cache_read_tokens": 3}),
    ],
    ids=["nothing", "plain", "all from the cache", "each kind", "counts that do not fit"],
)
def test_each_token_is_charged_once(usage: Usage, units: dict[str, int]) -> None:
    assert usage.units() == units


def test_counts_that_are_none_change_nothing() -> None:
    """An API that says `null`, a text or less than nothing has said nothing."""
    usage = Usage(input_tokens=7)
    usage.put(input_tokens=None, output_tokens="3", cache_read_tokens=-1, reasoning_tokens=True, other=9)
    assert usage == Usage(input_tokens=7)
    usage.put(input_tokens=0)
    assert usage.input_tokens == 0


@pytest.mark.parametrize(
    ("client", "provider"),
    [
        (openai.OpenAI(api_key="k"), "openai"),
        (openai.OpenAI(api_key="k", base_url="https://api.groq.com/openai/v1"), "groq"),
        (openai.OpenAI(api_key="k", base_url="https://api.x.ai/v1"), "x_ai"),
        (openai.OpenAI(api_key="k", base_url="https://box.ai/v1"), "openai"),
        (openai.OpenAI(api_key="k", base_url="https://generativelanguage.googleapis.com/v1beta/openai/"), "gcp.gemini"),
        (openai.AzureOpenAI(api_key="k", azure_endpoint="https://a.example", api_version="1"), "azure.ai.openai"),
    ],
    ids=["openai", "groq", "x", "not x", "gemini", "azure"],
)
def test_who_answers_is_known_by_the_client_and_its_host(client: openai.OpenAI, provider: str) -> None:
    call = OpenAi().begin(client, Options("/chat/completions", {"model": "m"}), stream=False)
    assert call is not None
    assert call.provider == provider


@pytest.mark.parametrize(
    "options",
    [
        Options("/chat/completions", {"model": "m"}, "get"),
        Options("/chat/completions/id_1", {"model": "m"}),
        Options("/files", {"model": "m"}),
        Options("/responses", None),
        Options("/responses/input_tokens", {"model": "m"}),
    ],
    ids=["a list", "an update", "a file", "no body", "a count"],
)
def test_other_requests_are_no_calls(options: Options) -> None:
    assert OpenAi().begin(openai.OpenAI(api_key="k"), options, stream=False) is None


class Shape(BaseModel):
    number: int


def _refused(kind: Any, status: int, body: Any) -> BaseException:
    response = httpx2.Response(status, request=httpx2.Request("POST", "http://a.example"))
    error: BaseException = kind("secret words", response=response, body=body)
    return error


def _invalid(text: str) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        Shape.model_validate_json(text)
    return raised.value


@pytest.mark.parametrize(
    ("error", "failure", "code", "json_failure", "told"),
    [
        (
            _refused(openai.RateLimitError, 429, {"code": "insufficient_quota", "type": "quota"}),
            "429",
            "insufficient_quota",
            "",
            "429 insufficient_quota (its text",
        ),
        (
            _refused(openai.BadRequestError, 400, {"code": "what you asked", "type": "invalid_request_error"}),
            "400",
            "invalid_request_error",
            "",
            "400 invalid_request_error (its text",
        ),
        (
            _refused(anthropic.InternalServerError, 529, {"type": "error", "error": {"type": "overloaded_error"}}),
            "529",
            "overloaded_error",
            "",
            "529 overloaded_error (its text",
        ),
        (openai.APITimeoutError(httpx2.Request("POST", "http://a.example")), "timeout", "", "", "Request timed out."),
        (TimeoutError("later"), "timeout", "", "", "later"),
        (_invalid('{"number": "secret words"}'), "pydantic_core._pydantic_core.ValidationError", "", "schema", "pyd"),
        (_invalid("secret words"), "pydantic_core._pydantic_core.ValidationError", "", "syntax", "pydantic"),
        (KeyError("own"), "KeyError", "", "", "'own'"),
    ],
    ids=["quota", "code of words", "overloaded", "timed out", "a time-out", "shape", "syntax", "the app's"],
)
def test_failures_are_told_in_the_apis_words_alone(
    error: BaseException, failure: str, code: str, json_failure: str, told: str
) -> None:
    assert (failure_of(error), code_of(error), json_failure_of(error)) == (failure, code, json_failure)
    keep_private(error)
    assert safe_text(error).startswith(told)
    assert "secret" not in safe_text(error)


@pytest.mark.parametrize("word", ["stop", "max_output_tokens", "rate_limit_exceeded", "x" * 64])
def test_words_are_told(word: str) -> None:
    assert word_of(word) == word


@pytest.mark.parametrize("word", ["", "two words", "x" * 65, None, 7, "né"])
def test_what_is_no_word_is_not_told(word: Any) -> None:
    assert word_of(word) == ""


def test_reasons_are_bounded() -> None:
    call = LlmCall("ollama", "bounded", "chat")
    call.answered(finish_reasons=["stop"] * (FINISH_REASONS_MAX + 1))
    assert len(call._finish_reasons) == FINISH_REASONS_MAX


class Puzzled(OpenAi):
    def answered(self, call: LlmCall, answer: Any) -> None:
        raise KeyError("an answer that nobody has thought of")


def test_an_answer_that_cannot_be_read_ends_the_call_all_the_same() -> None:
    """The app gets it, and the failure is counted as ours."""
    call = LlmCall("openai", "puzzling", "chat")
    before = PROBLEMS.counts().get(("observations", "_finish"), 0)
    _finish(Puzzled(), call, object())
    assert PROBLEMS.counts()["observations", "_finish"] == before + 1
    assert call._is_over
