"""Which price holds for a use on a day: the plan's first, then the public prices of language models."""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from midwatch.contract.plan.sections.prices import Price
from midwatch.server.query.spending.llm_prices import LlmPrices, TokenPrices

_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, slots=True)
class Use:
    """What tells uses of different prices apart."""

    kind: str
    provider: str = ""
    model: str = ""
    response_model: str = ""
    """The one that answered, where it is not the one that was asked."""
    told: Mapping[str, str] | None = None
    """Columns and attributes that the plan's prices speak of, by name."""

    def values(self, name: str) -> tuple[str, ...]:
        """Every value that a match of this name may be about."""
        if name == "provider":
            return (self.provider,)
        if name == "model":
            return (self.response_model, self.model)
        return ((self.told or {}).get(name, ""),)


@dataclass(frozen=True, slots=True)
class Tier:
    above: Decimal
    """Units of a month before it."""
    unit: Decimal
    """Money for one unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A price as it is applied; each is one of its own, whatever it has in common with others."""

    tiers: tuple[Tier, ...]
    currency: str
    source: str
    """`plan`, or where it was published."""

    @property
    def in_tiers(self) -> bool:
        return len(self.tiers) > 1

    def spent(self, units: Decimal) -> Decimal:
        """For so many units of one month, all of them."""
        found = Decimal(0)
        for tier, after in zip(self.tiers, [*self.tiers[1:], None], strict=True):
            until = units if after is None else min(units, after.above)
            if until > tier.above or tier.above == 0:
                found += (until - tier.above) * tier.unit
        return found


class PriceBook:
    """Of one plan. Entries are the same objects for the same price."""

    def __init__(self, prices: Iterable[Price], llm: LlmPrices) -> None:
        self._by_kind: dict[str, list[tuple[Price, Entry]]] = {}
        for price in prices:
            self._by_kind.setdefault(price.kind, []).append((price, _entry(price)))
        self._llm = llm
        self._built_in: dict[tuple[int, str], Entry] = {}
        priced = [price for of_kind in self._by_kind.values() for price, _ in of_kind]
        self.told = tuple(sorted({name for price in priced for name in price.match} - {"provider", "model"}))
        """Names beside provider and model by which prices are told apart."""
        self.changes = tuple(sorted({day for price in priced for day in (price.from_, price.until) if day is not None}))
        """Days on which a price begins or ends."""

    def find(self, use: Use, day: date) -> Entry | None:
        """None: no price is known."""
        for price, entry in self._by_kind.get(use.kind, ()):
            begun, over = price.from_ is None or price.from_ <= day, price.until is not None and price.until <= day
            if begun and not over and _matches(price.match, use):
                return entry
        for model in filter(None, (use.response_model, use.model)):
            for name in _spellings(model):
                if (found := self._llm.find(use.provider, name)) is not None:
                    return self._of_model(found, use.kind)
        return None

    def kinds_of(self, entry: Entry) -> list[str]:
        """What the plan has this price for."""
        return [kind for kind, of_kind in self._by_kind.items() if any(one is entry for _, one in of_kind)]

    def _of_model(self, found: TokenPrices, kind: str) -> Entry | None:
        """The same object each time: entries are told apart by what they are."""
        amount = found.amount(kind)
        if amount is None:
            return None
        key = (id(found), kind)
        if key not in self._built_in:
            unit = amount / self._llm.per
            self._built_in[key] = Entry((Tier(Decimal(0), unit),), self._llm.currency, found.source)
        return self._built_in[key]


def _entry(price: Price) -> Entry:
    if price.amount is not None:
        tiers: tuple[Tier, ...] = (Tier(Decimal(0), price.amount / price.per),)
    else:
        tiers = tuple(Tier(Decimal(tier.above), tier.amount / price.per) for tier in price.tiers)
    return Entry(tiers, price.currency, "plan")


def _matches(match: Mapping[str, str], use: Use) -> bool:
    return all(any(matched(pattern, value) for value in use.values(name)) for name, pattern in match.items())


def matched(pattern: str, value: str) -> bool:
    """`*` stands for anything, and nothing else has a meaning."""
    if "*" not in pattern:
        return pattern == value
    return fnmatch.fnmatchcase(value, re.sub(r"([\[?])", r"[\1]", pattern))


def _spellings(model: str) -> Iterator[str]:
    """A model as it was told; without its provider's path; and without the day of its release."""
    name = model.strip().lower()
    for one in dict.fromkeys((name, name.removeprefix("models/"), name.rpartition("/")[2])):
        yield one
        undated = _DATED.sub("", one)
        if undated != one:
            yield undated
