"""A language model, as Anthropic's Messages API and OpenAI's chat completions describe it.

It says what the first of `answers` (pairs of a pattern and a text, in its details) gives for the last message, or
`{"intent": "unknown"}`; `invalid_json` makes it chat instead, `overloaded` answers 529 with Anthropic's error.
"""

import re
import time
import uuid
from typing import Any

from fastapi.responses import JSONResponse

from examples.outside.vendor import Vendor, router_of

LLM = Vendor("llm", knows=frozenset({"invalid_json", "overloaded", "rate_limited"}))
CHAT = "Sure! Here is what I think about it: it depends {"
CHARACTERS_A_TOKEN = 4
answers: list[tuple[str, str]] = []
router = router_of(LLM)


@router.put("/answers")
async def say(pairs: list[tuple[str, str]]) -> None:
    """What it says from now on, whatever it otherwise does."""
    answers[:] = pairs


def _said(prompt: str) -> str:
    if LLM.does("invalid_json"):
        return CHAT
    return next(
        (text for pattern, text in answers if re.search(pattern, prompt, re.IGNORECASE)), '{"intent": "unknown"}'
    )


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text", "")) for part in content)


def _refused() -> JSONResponse | None:
    if LLM.does("overloaded"):
        error = {"type": "overloaded_error", "message": "Overloaded"}
        return JSONResponse({"type": "error", "error": error}, 529)
    if LLM.does("rate_limited"):
        error = {"type": "rate_limit_error", "message": "Number of requests has exceeded your rate limit"}
        return JSONResponse({"type": "error", "error": error}, 429, {"retry-after": "2"})
    return None


@router.post("/v1/messages")
async def messages(body: dict[str, Any]) -> Any:
    if refused := _refused():
        return refused
    prompt = _text_of(body["messages"][-1]["content"])
    said = _said(prompt)
    return {
        "id": f"msg_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": said}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 1 + len(str(body)) // CHARACTERS_A_TOKEN,
            "output_tokens": 1 + len(said) // CHARACTERS_A_TOKEN,
        },
    }


@router.post("/v1/chat/completions")
async def completions(body: dict[str, Any]) -> Any:
    if refused := _refused():
        return refused
    said = _said(_text_of(body["messages"][-1]["content"]))
    asked, answered = 1 + len(str(body)) // CHARACTERS_A_TOKEN, 1 + len(said) // CHARACTERS_A_TOKEN
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex[:24]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [{"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
    }
