"""An agent's work on prompts, and who listens to it."""

import asyncio
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anthropic
from agent.telemetry import log

import midwatch

MODEL = "claude-haiku-4-5"
WAITING_MAX = 200
"""Events that wait for a listener; who is slower than that loses the oldest."""
TOKENS_MAX = 1000
model = anthropic.AsyncAnthropic(base_url=f"{os.environ['OUTSIDE_URL']}/llm", api_key="stands-for-a-key", max_retries=2)


@dataclass
class Told:
    """An event: its type, and what it says, the ids of the work that it tells of included."""

    type: str
    data: dict[str, Any]


@dataclass(eq=False)
class Agent:
    sandbox_id: str
    id: str = field(default_factory=lambda: f"ag-{uuid.uuid4().hex[:12]}")
    listeners: set["asyncio.Queue[Told | None]"] = field(default_factory=set)
    prompts: set["asyncio.Task[None]"] = field(default_factory=set)

    def listen(self) -> "asyncio.Queue[Told | None]":
        """Gets what happens from now on, and None at the end."""
        queue: asyncio.Queue[Told | None] = asyncio.Queue(WAITING_MAX)
        self.listeners.add(queue)
        return queue

    def tell(self, type: str, request_id: str, **data: Any) -> None:
        said = Told(type, {"type": type, "request_id": request_id, **data, "ids": midwatch.ids()})
        for queue in self.listeners:
            _put(queue, said)

    def prompt(self, text: str, request_id: str) -> str:
        """Its id; the work goes on behind the answer."""
        prompt_id = f"pr-{uuid.uuid4().hex[:12]}"
        task = asyncio.create_task(self._work(prompt_id, text, request_id))
        self.prompts.add(task)
        task.add_done_callback(self.prompts.discard)
        return prompt_id

    async def _work(self, prompt_id: str, text: str, request_id: str) -> None:
        log.info("prompt.started", agent_id=self.id, sandbox_id=self.sandbox_id, characters=len(text))
        self.tell("message.started", request_id, prompt_id=prompt_id)
        try:
            with midwatch.step("prompt"):
                said = await model.messages.create(
                    model=MODEL, max_tokens=TOKENS_MAX, messages=[{"role": "user", "content": text}]
                )
                answer = "".join(part.text for part in said.content if part.type == "text")
                for word in answer.split():
                    self.tell("message.part", request_id, prompt_id=prompt_id, text=word)
                    await asyncio.sleep(0.02)
        except anthropic.APIError as error:
            log.exception("prompt.failed", agent_id=self.id)
            self.tell("message.failed", request_id, prompt_id=prompt_id, reason=type(error).__name__)
        else:
            log.info("prompt.completed", agent_id=self.id, characters=len(answer))
            self.tell("message.completed", request_id, prompt_id=prompt_id)

    def end(self) -> None:
        for task in tuple(self.prompts):
            task.cancel()
        for queue in self.listeners:
            _put(queue, None)


def _put(queue: "asyncio.Queue[Told | None]", said: Told | None) -> None:
    if queue.full():
        with suppress(asyncio.QueueEmpty):
            queue.get_nowait()
    queue.put_nowait(said)
