"""From a prompt to a video: script, voice, images, rendering, upload. Each step tells what it costs."""

import os
import time
from collections.abc import Callable
from typing import Any

import anthropic
import httpx
from telemetry import credits_used

import midwatch

MODEL = "claude-haiku-4-5"
SCENES = 3
RENDER_SECONDS = 0.2
TIMEOUT_SECONDS = float(os.environ.get("STEP_TIMEOUT_SECONDS", "60"))
OUTSIDE = os.environ["OUTSIDE_URL"]
model = anthropic.Anthropic(base_url=f"{OUTSIDE}/llm", api_key="stands-for-a-key", max_retries=0)
studio = httpx.Client(base_url=f"{OUTSIDE}/images", timeout=TIMEOUT_SECONDS)
storage = httpx.Client(base_url=f"{OUTSIDE}/storage", timeout=TIMEOUT_SECONDS)


class PipelineError(Exception):
    """A step did not come to its end; the code says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _made(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    answer = client.request(method, path, **more)
    if answer.status_code == 429:
        raise RuntimeError(f"rate limit of {path.split('/')[2]} reached")
    if answer.is_error:
        raise PipelineError("PIPELINE_PROVIDER", f"{path} answers {answer.status_code}")
    return answer


def script(job: dict[str, Any]) -> None:
    asked = f"Write {SCENES} scenes for a {job['niche']} video: {job['prompt']}"
    model.messages.create(model=MODEL, max_tokens=1000, messages=[{"role": "user", "content": asked}])


def voice(job: dict[str, Any]) -> None:
    spoken = _made(studio, "POST", "/v1/speech", json={"text": job["prompt"], "voice": "calm"}).json()
    midwatch.cost("voice.characters", spoken["characters"])


def images(job: dict[str, Any]) -> None:
    for scene in range(SCENES):
        _made(studio, "POST", "/v1/images", json={"prompt": f"{job['prompt']}, scene {scene}", "size": "1024x576"})
        midwatch.cost("images")


def render(job: dict[str, Any]) -> None:
    time.sleep(RENDER_SECONDS)
    midwatch.cost("render.seconds", RENDER_SECONDS)


def upload(job: dict[str, Any]) -> None:
    _made(storage, "PUT", f"/videos/{job['id']}.mp4", content=b"\0" * 1024)


STEPS: tuple[Callable[[dict[str, Any]], None], ...] = (script, voice, images, render, upload)


def run(job: dict[str, Any]) -> None:
    for step in STEPS:
        with midwatch.step(step.__name__):
            step(job)
    credits_used.inc(job["credits"])
