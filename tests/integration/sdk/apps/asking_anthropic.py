"""An app that asks the API in ASKED with the anthropic library in every way, in one job, and ends.

The models are named for what the API does with them. One client is observed and one is not.
"""

import asyncio
import os
from contextlib import suppress
from typing import Any

import anthropic
import httpx2

import midwatch

midwatch.init()
OPTIONS: dict[str, Any] = {"base_url": os.environ["ASKED"], "api_key": "sk-ant-ZEBRA0123456789", "max_retries": 2}
WHAT: dict[str, Any] = {
    "max_tokens": 64,
    "system": "ZEBRA-SYSTEM",
    "messages": [{"role": "user", "content": "ZEBRA-PROMPT"}],
}
TOOL: Any = {"name": "look_up", "description": "ZEBRA-TOOL", "input_schema": {"type": "object"}}
METADATA: Any = {"traces": {"content_mode": "metadata_only"}}


def ask_with_one_client() -> None:
    one, other = anthropic.Anthropic(**OPTIONS), anthropic.Anthropic(**OPTIONS, open_telemetry=METADATA)
    for _ in range(2):
        midwatch.instrument(one)
    assert one.messages.create(model="one", **WHAT).content
    assert one.with_options(timeout=20).messages.create(model="copied", **WHAT).content
    assert other.messages.create(model="other", **WHAT).content


def ask() -> None:
    shared = httpx2.Client()
    client = anthropic.Anthropic(**OPTIONS, http_client=shared)
    assert client.messages.create(model="plain", **WHAT).content
    assert client.messages.create(model="tools", tools=[TOOL], **WHAT).stop_reason == "tool_use"
    assert client.messages.create(model="busy", **WHAT).content
    assert client.beta.messages.create(model="beta", betas=["x"], **WHAT).content
    raw: Any = client.messages.with_raw_response
    assert raw.create(model="raw", **WHAT).parse().content
    for _ in client.messages.create(model="stream", stream=True, **WHAT):
        pass
    with client.messages.stream(model="helped", **WHAT) as stream:
        assert stream.get_final_text()
    with client.messages.stream(model="left", **WHAT) as stream:
        next(iter(stream))
    with suppress(anthropic.APIStatusError):
        for _ in client.messages.create(model="dying", stream=True, **WHAT):
            pass
    for model in ("broken", "quota", "slow"):
        with suppress(anthropic.APIError):
            client.with_options(max_retries=1 if model == "broken" else 0).messages.create(
                model=model, timeout=0.2 if model == "slow" else 20, **WHAT
            )
    shared.post(f"{OPTIONS['base_url']}/v1/messages", json={**WHAT, "model": "by-hand"})


async def ask_in_async() -> None:
    async with anthropic.AsyncAnthropic(**OPTIONS) as client:
        assert (await client.messages.create(model="async", **WHAT)).content
        async with client.messages.stream(model="async-helped", **WHAT) as stream:
            assert await stream.get_final_text()
        async for _ in await client.messages.create(model="async-stream", stream=True, **WHAT):
            pass


with midwatch.work(correlation_id="order-78"), midwatch.job("summary", job_id="job-6"):
    ask_with_one_client()
    midwatch.instrument(anthropic)
    ask()
    asyncio.run(ask_in_async())
