"""An app that asks the API in ASKED with the openai library in every way, in one job, and ends.

The models are named for what the API does with them.
"""

import asyncio
import logging
import os
from contextlib import suppress
from typing import Any

import httpx2
import openai
from pydantic import BaseModel, ValidationError

import midwatch

midwatch.init()
for library in (httpx2, openai, openai):
    midwatch.instrument(library)
OPTIONS: dict[str, Any] = {
    "base_url": f"{os.environ['ASKED']}/v1",
    "api_key": "sk-proj-ZEBRA0123456789",
    "max_retries": 2,
}
ASKED: list[Any] = [
    {"role": "system", "content": "ZEBRA-SYSTEM"},
    {"role": "user", "content": "ZEBRA-PROMPT"},
]
TOOL: Any = {
    "type": "function",
    "function": {"name": "look_up", "description": "ZEBRA-TOOL", "parameters": {"type": "object"}},
}
SEEN_USAGE: Any = {"include_usage": True}


class City(BaseModel):
    city: str


def ask() -> None:
    client = openai.OpenAI(**OPTIONS)
    create: Any = client.chat.completions.create
    assert create(model="plain", messages=ASKED, temperature=0.5, max_tokens=99, user="ZEBRA-USER").choices
    assert create(model="tools", messages=ASKED, tools=[TOOL]).choices[0].message.tool_calls
    assert create(model="busy", messages=ASKED).choices
    raw: Any = client.chat.completions.with_raw_response
    assert raw.create(model="raw", messages=ASKED).parse().choices
    assert len(list(raw.create(model="raw-stream", messages=ASKED, stream=True, stream_options=SEEN_USAGE).parse())) > 3
    unread: Any = client.chat.completions.with_streaming_response
    with unread.create(model="read-later", messages=ASKED) as response:
        assert response.parse().choices
    with unread.create(model="never-read", messages=ASKED):
        pass
    assert client.responses.create(model="response", instructions="ZEBRA-SYSTEM", input="ZEBRA-PROMPT").output_text
    assert client.responses.create(model="short", input="ZEBRA-PROMPT", conversation="conv_1").status == "incomplete"
    assert client.embeddings.create(model="embedding", input="ZEBRA-PROMPT", encoding_format="float").data
    shape: Any = City
    assert client.chat.completions.parse(model="shaped", messages=ASKED, response_format=shape)
    with suppress(ValidationError):
        client.chat.completions.parse(model="misshaped", messages=ASKED, response_format=shape)


def stream() -> None:
    client = openai.OpenAI(**OPTIONS)
    create: Any = client.chat.completions.create
    for _ in create(model="counted", messages=ASKED, stream=True, stream_options=SEEN_USAGE):
        pass
    with create(model="left", messages=ASKED, stream=True) as pieces:
        next(iter(pieces))
    dropped = create(model="dropped", messages=ASKED, stream=True)
    del dropped
    helper: Any = client.chat.completions.stream(model="helped", messages=ASKED, stream_options=SEEN_USAGE)
    with helper as events:
        for _ in events:
            pass
    for model in ("dying", "cut"):
        with suppress(openai.APIError):
            for _ in create(model=model, messages=ASKED, stream=True):
                pass
    for model in ("response-stream", "dying"):
        for _ in client.responses.create(model=model, input="ZEBRA-PROMPT", stream=True):
            pass


def fail() -> None:
    client = openai.OpenAI(**OPTIONS)
    create: Any = client.with_options(max_retries=0).chat.completions.create
    for model in ("quota", "slow"):
        with suppress(openai.APIError):
            create(model=model, messages=ASKED, timeout=0.2 if model == "slow" else 20)
    with suppress(openai.APIError):
        client.chat.completions.create(model="broken", messages=ASKED)
    try:
        create(model="wrong", messages=ASKED)
    except openai.BadRequestError:
        logging.getLogger("app").exception("the answer is missing")
    with midwatch.retrying() as tries:
        while tries.retries < 2:
            with suppress(openai.RateLimitError):
                create(model="busy-by-hand", messages=ASKED)
    nobody: Any = openai.OpenAI(**{**OPTIONS, "base_url": os.environ["NOBODY"], "max_retries": 0})
    with suppress(openai.APIConnectionError):
        nobody.chat.completions.create(model="away", messages=ASKED)


async def ask_in_async() -> None:
    async with openai.AsyncOpenAI(**OPTIONS) as client:
        create: Any = client.chat.completions.create
        both = await asyncio.gather(*(create(model=f"async-{one}", messages=ASKED) for one in (1, 2)))
        assert all(one.choices for one in both)
        async for _ in await create(model="async-stream", messages=ASKED, stream=True, stream_options=SEEN_USAGE):
            pass
        assert await create(model="busy-async", messages=ASKED)
        unread: Any = client.chat.completions.with_streaming_response
        async with unread.create(model="async-read-later", messages=ASKED) as response:
            assert (await response.parse()).choices
        with suppress(TimeoutError):
            await asyncio.wait_for(create(model="slow", messages=ASKED), 0.1)


with suppress(RuntimeError), midwatch.work(correlation_id="order-77"):
    with midwatch.job("summary", job_id="job-5"):
        ask()
        stream()
        fail()
        asyncio.run(ask_in_async())
    with midwatch.job("lost"):
        try:
            openai.OpenAI(**OPTIONS).chat.completions.create(model="wrong", messages=ASKED)
        except openai.BadRequestError as error:
            raise RuntimeError("no summary") from error
