"""The language model. Its client tries twice more by itself."""

import os

import openai
import telemetry  # noqa: F401  before the first client

MODEL = "gpt-5-mini"
client = openai.OpenAI(
    base_url=f"{os.environ['OUTSIDE_URL']}/llm/v1", api_key="stands-for-a-key", max_retries=2, timeout=10
)


def answer(task: str, told: str) -> str:
    """Raises openai.OpenAIError when all tries have failed."""
    said = client.chat.completions.create(
        model=MODEL, messages=[{"role": "system", "content": task}, {"role": "user", "content": told}]
    )
    return said.choices[0].message.content or ""
