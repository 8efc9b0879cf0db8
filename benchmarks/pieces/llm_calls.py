"""What telling of a call of a language model adds: the same call bare and observed; the transport answers at once.

    python -m benchmarks.pieces.llm_calls [CALLS]

Prints CPU microseconds a call, the best of seven rounds that take turns. Lines are made and go nowhere, and nothing is
sent.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import anthropic
import httpx2
import openai
from tests.integration.sdk.llm_api import ANTHROPIC_LIMITS, OPENAI_LIMITS, LlmApi

import midwatch

ROUNDS = 7
ASKED: Any = [{"role": "user", "content": "hello"}]
SEEN_USAGE: Any = {"include_usage": True}

Call = Callable[[], Any]


def answers() -> Callable[[httpx2.Request], httpx2.Response]:
    """Each answer is made once: it is the clients that are measured."""
    api, known = LlmApi(), dict[tuple[str, bytes], tuple[bytes, str]]()

    def answer(request: httpx2.Request) -> httpx2.Response:
        key = (request.url.path, request.content)
        if key not in known:
            made = api.answer(request.url.path, json.loads(request.content))
            if isinstance(made, list):
                known[key] = "".join(made).encode(), "text/event-stream"
            else:
                known[key] = json.dumps(made).encode(), "application/json"
        content, kind = known[key]
        limits = ANTHROPIC_LIMITS if request.url.path == "/v1/messages" else OPENAI_LIMITS
        return httpx2.Response(200, headers={**limits, "content-type": kind}, content=content)

    return answer


def calls(*, observed: bool) -> dict[str, Call]:
    def http() -> httpx2.Client:
        return httpx2.Client(transport=httpx2.MockTransport(answers()))

    of_openai = openai.OpenAI(api_key="k", base_url="http://api.example/v1", http_client=http())
    of_anthropic = anthropic.Anthropic(
        api_key="k", base_url="http://api.example", http_client=http(), open_telemetry=False
    )
    if observed:
        midwatch.instrument(of_openai)
        midwatch.instrument(of_anthropic)
    create: Any = of_openai.chat.completions.create
    message: Any = of_anthropic.messages.create
    return {
        "openai chat": lambda: create(model="plain", messages=ASKED),
        "openai chat, streamed": lambda: list(
            create(model="plain", messages=ASKED, stream=True, stream_options=SEEN_USAGE)
        ),
        "openai embeddings": lambda: of_openai.embeddings.create(model="e", input="x", encoding_format="float"),
        "anthropic message": lambda: message(model="plain", messages=ASKED, max_tokens=9),
        "anthropic message, streamed": lambda: list(message(model="plain", messages=ASKED, max_tokens=9, stream=True)),
    }


def microseconds(call: Call, count: int) -> float:
    call()
    began = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - began) / count * 1e6


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    shown, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115 - as long as the process
    midwatch.init(service="bench", log_level="info", log_format="json")
    sides = {"bare": calls(observed=False), "observed": calls(observed=True)}
    best: dict[tuple[str, str], float] = {}
    with midwatch.work():
        for _ in range(ROUNDS):
            for name in sides["bare"]:
                for side, made in sides.items():
                    best[name, side] = min(best.get((name, side), 1e9), microseconds(made[name], count))
    for name in sides["bare"]:
        bare, observed = best[name, "bare"], best[name, "observed"]
        print(f"{name:28} bare {bare:7.0f} µs   added {observed - bare:5.0f} µs", file=shown)


if __name__ == "__main__":
    main()
