"""Tokens that a call of a language model has used, and what they cost: events of kinds that do not overlap."""

from dataclasses import dataclass, fields
from typing import Any

from midwatch.sdk.costs import cost

INPUT, OUTPUT = "llm.input_tokens", "llm.output_tokens"
CACHE_READ, CACHE_CREATION = "llm.cache_read_tokens", "llm.cache_creation_tokens"
"""Kinds of costs. Tokens that came from a cache or went into one have prices of their own and are not in `INPUT`."""


@dataclass(slots=True)
class Usage:
    """None for what was not said."""

    input_tokens: int | None = None
    """All of them, those of caches too (OpenTelemetry's GenAI conventions)."""
    output_tokens: int | None = None
    """All of them, those of its reasoning too."""
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    reasoning_tokens: int | None = None

    def put(self, **said: Any) -> None:
        """Later counts are of the whole call, too: they replace earlier ones."""
        for one in fields(self):
            value = said.get(one.name)
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                setattr(self, one.name, value)

    def attributes(self) -> dict[str, int]:
        """As the conventions name them."""
        said = {
            "gen_ai.usage.input_tokens": self.input_tokens,
            "gen_ai.usage.output_tokens": self.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": self.cache_read_tokens,
            "gen_ai.usage.cache_creation.input_tokens": self.cache_creation_tokens,
            "gen_ai.usage.reasoning.output_tokens": self.reasoning_tokens,
        }
        return {name: count for name, count in said.items() if count is not None}

    def units(self) -> dict[str, int]:
        """By kind of cost; each token once."""
        cached = (self.cache_read_tokens or 0) + (self.cache_creation_tokens or 0)
        units = {
            INPUT: max(0, (self.input_tokens or 0) - cached),
            CACHE_READ: self.cache_read_tokens or 0,
            CACHE_CREATION: self.cache_creation_tokens or 0,
            OUTPUT: self.output_tokens or 0,
        }
        return {kind: count for kind, count in units.items() if count}


def charge(usage: Usage, *, amount: float | None, currency: str, attributes: dict[str, str]) -> None:
    """One event a kind; an amount that is known is on the first, and the others are paid with it."""
    for kind, count in usage.units().items():
        cost(kind, count, amount=amount, currency=currency, **attributes)
        amount = None if amount is None else 0.0
