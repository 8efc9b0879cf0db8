"""Public list prices of language models, from the data file beside this: per million tokens, without those for long
contexts, batches and priority. What is not in it has no price; nothing is guessed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

_FIELDS = {
    "llm.input_tokens": "input",
    "llm.output_tokens": "output",
    "llm.cache_read_tokens": "cached_input",
    "llm.cache_creation_tokens": "cache_write",
}
_REASONING = "llm.reasoning_tokens"
"""Told by those who count them apart; they are output where they have no price of their own."""


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """Of one model, by field of the data file."""

    amounts: Mapping[str, Decimal]
    source: str

    def amount(self, kind: str) -> Decimal | None:
        if kind == _REASONING:
            return self.amounts.get("reasoning", self.amounts.get("output"))
        return self.amounts.get(_FIELDS.get(kind, ""))


@dataclass(frozen=True, slots=True)
class LlmPrices:
    currency: str
    per: int
    as_of: str
    by_provider: Mapping[str, Mapping[str, TokenPrices]]
    """By each name that a provider is told by, then by model."""
    anywhere: Mapping[str, TokenPrices | None]
    """By model alone; None where providers have different prices of one name."""

    def find(self, provider: str, model: str) -> TokenPrices | None:
        """`provider` empty: not told."""
        if not provider:
            return self.anywhere.get(model)
        return self.by_provider.get(provider.lower(), {}).get(model)


@cache
def built_in() -> LlmPrices:
    written = json.loads(files("midwatch.server.query.spending").joinpath("llm_prices.json").read_text())
    by_provider: dict[str, dict[str, TokenPrices]] = {}
    anywhere: dict[str, TokenPrices | None] = {}
    for provider in written["providers"]:
        models = {
            name: TokenPrices({key: Decimal(amount) for key, amount in amounts.items()}, provider["source"])
            for name, amounts in provider["models"].items()
        }
        by_provider |= dict.fromkeys(provider["names"], models)
        for name, prices in models.items():
            anywhere[name] = None if name in anywhere else prices
    return LlmPrices(written["currency"], written["per"], written["as_of"], by_provider, anywhere)
