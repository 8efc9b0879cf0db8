"""openai: `midwatch.instrument(openai)` for every client, or one client; also of servers that speak its API."""

import logging
from types import MappingProxyType
from typing import Any

import openai
from openai import _base_client

from midwatch.sdk import llm_clients
from midwatch.sdk.llm_calls import LlmCall
from midwatch.sdk.llm_clients import field
from midwatch.sdk.llm_failures import word_of

OPERATIONS = MappingProxyType(
    {
        "/chat/completions": "chat",
        "/responses": "chat",
        "/completions": "text_completion",
        "/embeddings": "embeddings",
    }
)
PROVIDERS = MappingProxyType(
    {
        "deepseek.com": "deepseek",
        "groq.com": "groq",
        "mistral.ai": "mistral_ai",
        "perplexity.ai": "perplexity",
        "x.ai": "x_ai",
        "googleapis.com": "gcp.gemini",
        "azure.com": "azure.ai.openai",
        "amazonaws.com": "aws.bedrock",
    }
)
"""By the end of the host: who answers where the API is OpenAI's."""
_ASKED = MappingProxyType(
    {
        "max_tokens": "gen_ai.request.max_tokens",
        "max_completion_tokens": "gen_ai.request.max_tokens",
        "max_output_tokens": "gen_ai.request.max_tokens",
        "temperature": "gen_ai.request.temperature",
        "top_p": "gen_ai.request.top_p",
        "dimensions": "gen_ai.embeddings.dimension.count",
    }
)


class OpenAi:
    """What there is to know of the library."""

    def begin(self, client: Any, options: Any, *, stream: bool) -> LlmCall | None:
        operation = OPERATIONS.get(str(options.url)) if str(options.method).lower() == "post" else None
        body = options.json_data
        if operation is None or not isinstance(body, dict):
            return None
        attributes = llm_clients.numbers(body, _ASKED)
        if tier := word_of(body.get("service_tier")):
            attributes["openai.request.service_tier"] = tier
        conversation = body.get("conversation")
        if known := word_of(field(conversation, "id") if isinstance(conversation, dict) else conversation):
            attributes["gen_ai.conversation.id"] = known
        provider = _provider(client, client.base_url.host)
        return llm_clients.begin(
            client, provider, operation, body, attributes, stream=stream, wants_json=_wants_json(body)
        )

    def answered(self, call: LlmCall, answer: Any) -> None:
        """A chat completion, a response, a list of embeddings."""
        call.answered(model=field(answer, "model"), response_id=field(answer, "id"), finish_reasons=_reasons(answer))
        _use(call, field(answer, "usage"))

    def came(self, call: LlmCall, piece: Any) -> None:
        """A chunk of a completion, or an event of a response, which has the response in it when it is complete."""
        response = field(piece, "response")
        if response is not None:
            _response_came(call, str(field(piece, "type")), response)
            return
        if field(piece, "object") is not None:
            self.answered(call, piece)
        elif field(piece, "type") == "error":
            call.end(failure="error", code=str(field(piece, "code") or ""))

    def is_stream(self, result: Any) -> bool:
        return isinstance(result, openai.Stream | openai.AsyncStream)


def instrument(target: Any) -> None:
    """Chat completions, responses, completions and embeddings: each call is told, with the retries of the library."""
    # At debug, it tells what was asked.
    logging.getLogger("openai").setLevel(logging.INFO)
    llm_clients.instrument(target, _base_client, _LIBRARY)


def _provider(client: Any, host: str) -> str:
    kind = type(client).__name__
    if "Azure" in kind:
        return "azure.ai.openai"
    if "Bedrock" in kind:
        return "aws.bedrock"
    return next((name for end, name in PROVIDERS.items() if host == end or host.endswith(f".{end}")), "openai")


def _wants_json(body: dict[str, Any]) -> bool:
    asked = field(body, "response_format") or field(field(body, "text"), "format")
    return field(asked, "type") in ("json_schema", "json_object")


def _response_came(call: LlmCall, event: str, response: Any) -> None:
    if event == "response.created":
        call.answered(model=field(response, "model"), response_id=field(response, "id"))
    elif event in ("response.completed", "response.incomplete", "response.failed"):
        _LIBRARY.answered(call, response)
        if event == "response.failed":
            code = str(field(field(response, "error"), "code") or "")
            call.end(failure=code or "failed", code=code)


def _reasons(answer: Any) -> list[Any]:
    """`stop`, `length`, `tool_calls`, `content_filter` of each choice; a response has a status, or what cut it off."""
    choices = field(answer, "choices")
    if choices:
        return [reason for one in choices if (reason := field(one, "finish_reason")) is not None]
    status = field(answer, "status")
    if status is None:
        return []
    return [field(field(answer, "incomplete_details"), "reason") or status]


def _use(call: LlmCall, usage: Any) -> None:
    """`prompt_tokens` of completions, `input_tokens` of responses; what a router says that it has cost, too."""
    if usage is None:
        return
    inputs = field(usage, "prompt_tokens_details") or field(usage, "input_tokens_details")
    outputs = field(usage, "completion_tokens_details") or field(usage, "output_tokens_details")
    amount = field(usage, "cost")
    call.usage(
        input_tokens=_either(usage, "prompt_tokens", "input_tokens"),
        output_tokens=_either(usage, "completion_tokens", "output_tokens"),
        cache_read_tokens=field(inputs, "cached_tokens"),
        cache_creation_tokens=field(inputs, "cache_write_tokens"),
        reasoning_tokens=field(outputs, "reasoning_tokens"),
        amount=amount if isinstance(amount, int | float) else None,
    )


def _either(usage: Any, *names: str) -> Any:
    return next((count for name in names if (count := field(usage, name)) is not None), None)


_LIBRARY = OpenAi()
