"""anthropic: `midwatch.instrument(anthropic)` for every client, or one client; also on Bedrock and Vertex AI."""

import logging
from types import MappingProxyType
from typing import Any

import anthropic
from anthropic import _base_client

from midwatch.sdk import llm_clients
from midwatch.sdk.llm_calls import LlmCall
from midwatch.sdk.llm_clients import field

OPERATIONS = MappingProxyType({"/v1/messages": "chat", "/v1/complete": "text_completion"})
_ASKED = MappingProxyType(
    {
        "max_tokens": "gen_ai.request.max_tokens",
        "temperature": "gen_ai.request.temperature",
        "top_p": "gen_ai.request.top_p",
        "top_k": "gen_ai.request.top_k",
    }
)


class Anthropic:
    """What there is to know of the library."""

    def begin(self, client: Any, options: Any, *, stream: bool) -> LlmCall | None:
        path = str(options.url).partition("?")[0]
        operation = OPERATIONS.get(path) if str(options.method).lower() == "post" else None
        body = options.json_data
        if operation is None or not isinstance(body, dict):
            return None
        attributes = llm_clients.numbers(body, _ASKED)
        if getattr(options, "span_name", None):
            # The library has spans of its own: without a name it makes none of this request.
            options.span_name = None
        return llm_clients.begin(
            client, _provider(client), operation, body, attributes, stream=stream, wants_json=_wants_json(body)
        )

    def answered(self, call: LlmCall, answer: Any) -> None:
        """A message."""
        reason = field(answer, "stop_reason")
        call.answered(
            model=field(answer, "model"),
            response_id=field(answer, "id"),
            finish_reasons=() if reason is None else (reason,),
        )
        _use(call, field(answer, "usage"))

    def came(self, call: LlmCall, piece: Any) -> None:
        """An event: `message_start` has the message as it begins, `message_delta` what it has come to."""
        kind = field(piece, "type")
        if kind == "message_start":
            self.answered(call, field(piece, "message"))
        elif kind == "message_delta":
            reason = field(field(piece, "delta"), "stop_reason")
            call.answered(finish_reasons=() if reason is None else (reason,))
            _use(call, field(piece, "usage"))

    def is_stream(self, result: Any) -> bool:
        return isinstance(result, anthropic.Stream | anthropic.AsyncStream)


def instrument(target: Any) -> None:
    """Messages: each call is told, with the retries of the library, and instead of the span that it makes by itself."""
    # At debug, it tells what was asked.
    logging.getLogger("anthropic").setLevel(logging.INFO)
    llm_clients.instrument(target, _base_client, _LIBRARY)


def _provider(client: Any) -> str:
    """As the library says since its second version; before that, by the kind of client."""
    kind = type(client).__name__
    known = "aws.bedrock" if "Bedrock" in kind else "gcp.vertex_ai" if "Vertex" in kind else "anthropic"
    return str(getattr(client, "_gen_ai_provider_name", "") or known)


def _wants_json(body: dict[str, Any]) -> bool:
    asked = field(field(body, "output_config"), "format") or field(body, "output_format")
    return bool(field(asked, "type") == "json_schema")


def _use(call: LlmCall, usage: Any) -> None:
    """`input_tokens` are those beside the cache here; told are all of them."""
    if usage is None:
        return
    fresh, known = field(usage, "input_tokens"), call.tokens
    read, created = field(usage, "cache_read_input_tokens"), field(usage, "cache_creation_input_tokens")
    read = known.cache_read_tokens if read is None else read
    created = known.cache_creation_tokens if created is None else created
    call.usage(
        input_tokens=None if fresh is None else fresh + (read or 0) + (created or 0),
        output_tokens=field(usage, "output_tokens"),
        cache_read_tokens=read,
        cache_creation_tokens=created,
        reasoning_tokens=field(field(usage, "output_tokens_details"), "thinking_tokens"),
    )


_LIBRARY = Anthropic()
