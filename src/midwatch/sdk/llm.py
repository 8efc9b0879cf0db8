"""`llm_call`: any client of a language model that Midwatch does not know by itself."""

from types import TracebackType
from typing import Any

from midwatch.sdk.llm_calls import LlmCall, guard


class CallOfLlm:
    """As a context; what it gives is told how many tokens the call took."""

    def __init__(self, provider: str, model: str, operation: str, address: str) -> None:
        self._call_of = (provider, model, operation, address)
        self._call: LlmCall | None = None
        self._tokens: tuple[Any, Any] | None = None

    def __enter__(self) -> LlmCall:
        provider, model, operation, address = self._call_of
        call = self._call = LlmCall(provider, model, operation, address=address)
        with guard:
            self._tokens = call.enter()
        return call

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._call is not None:
            with guard:
                self._call.end(error)
                if self._tokens is not None:
                    self._call.leave(self._tokens)


def llm_call(*, provider: str, model: str, operation: str = "chat", address: str = "") -> CallOfLlm:
    """Around a call of a language model: `with midwatch.llm_call(provider="ollama", model="qwen3") as call:`, and in it
    `call.usage(input_tokens=…, output_tokens=…)`.

    Clients of openai and anthropic are told by `midwatch.instrument` and need none of this.

    Args:
        provider: Who answers, as the GenAI conventions name it (`openai`, `aws.bedrock`), or else by its own name.
        model: The one that is asked.
        operation: `chat`, `embeddings`, `text_completion`, `generate_content`.
        address: The host that is asked.
    """
    return CallOfLlm(str(provider), str(model or ""), str(operation), str(address))
