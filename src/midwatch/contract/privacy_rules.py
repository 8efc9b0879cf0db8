"""Rules for single fields, and which of rules and lists holds for the value under a key.

A field is a path of keys joined by dots, as `user.phone` is for an attribute of that name and for `phone` in a map
`user`; positions in lists do not count, and `items[].name` is `items.name`. A rule stands for every path that ends in
its field, in any case of letters. `*` is any part of one key, `**` one or more keys.
"""

import re
from dataclasses import dataclass

from midwatch.contract.privacy import DEFAULT_DENYLIST, MESSAGE_FIELDS, PHONE_FIELDS, deny_pattern
from midwatch.contract.privacy_actions import LOOK_ACTIONS, LOOKS, PHONE, REMOVE, REMOVE_MESSAGE, SHAPE, Action
from midwatch.contract.privacy_hashing import HashKey, HashKeys

SIGNALS = ("traces", "logs", "metrics")
FIELD_CHARACTERS_MAX = 200
WILDCARDS_MAX = 3
PATH_CHARACTERS_MAX = 512
"""Of longer paths only the end is looked at."""
FIELD_EXPECTED = f"keys joined by dots, such as user.phone or *.token, with at most {WILDCARDS_MAX} of * and **"

_FIELD = re.compile(r"[^\s.]+(?:\.[^\s.]+)*")
_POSITIONS = re.compile(r"\.\d+(?=\.|$)|\[\d+\]")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Raises ValueError where the field is none."""

    field: str
    action: Action
    signals: tuple[str, ...] = ()
    """`traces`, `logs`, `metrics`; empty for all. Events and errors are logs."""
    services: tuple[str, ...] = ()
    """Empty for all."""

    def __post_init__(self) -> None:
        wildcards = len(re.findall(r"\*+", self.field))
        long = len(self.field) > FIELD_CHARACTERS_MAX
        if (
            long
            or wildcards > WILDCARDS_MAX
            or "***" in self.field
            or not _FIELD.fullmatch(self.field)
            or not self.keys
        ):
            raise ValueError(f"expected {FIELD_EXPECTED}")

    def applies(self, *, signal: str, service: str) -> bool:
        return (not self.signals or signal in self.signals) and (not self.services or service in self.services)

    @property
    def keys(self) -> list[str]:
        """Of the path, from the outermost in."""
        return [part for part in self.field.replace("[]", "").split(".") if part]

    def pattern(self) -> str:
        """A regular expression to search paths with."""
        parts = (
            r"[^.]+(?:\.[^.]+)*" if part == "**" else r"[^.]*".join(map(re.escape, re.split(r"\*+", part)))
            for part in self.keys
        )
        return rf"(?i)(?:^|\.){'[.]'.join(parts)}$"


@dataclass(frozen=True, slots=True)
class KeptShorter:
    """A field that goes before its row; the rule's action says nothing."""

    rule: FieldRule
    days: int


@dataclass(frozen=True, slots=True)
class LookRule:
    """What is done with all that looks alike. Raises ValueError for what is no look or cannot be done with one."""

    look: str
    action: Action
    signals: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.look not in LOOKS:
            raise ValueError(f"expected one of {', '.join(LOOKS)}")
        if self.action.name not in LOOK_ACTIONS:
            raise ValueError(f"{self.action.name}: expected one of {', '.join(LOOK_ACTIONS)} of a look")

    def applies(self, *, signal: str, service: str) -> bool:
        return (not self.signals or signal in self.signals) and (not self.services or service in self.services)


_STATEMENTS = (
    FieldRule("db.statement", Action(SHAPE)),
    FieldRule("db.query.text", Action(SHAPE)),
    FieldRule("db.query.parameter.**", Action(REMOVE)),
    FieldRule("db.statement.parameters", Action(REMOVE)),
)
"""What instrumentations of others tell of statements, values included."""


@dataclass(frozen=True)
class PrivacyPolicy:
    """All that holds; the rules first, in their order, then the lists."""

    deny: tuple[str, ...] = DEFAULT_DENYLIST
    messages: tuple[str, ...] = MESSAGE_FIELDS
    phones: tuple[str, ...] = PHONE_FIELDS
    rules: tuple[FieldRule, ...] = ()
    looks: tuple[LookRule, ...] = ()
    keys: HashKeys | None = None
    region: str = ""

    ids: HashKey | None = None
    """By which ids that are private stay told apart where there are no keys; the server's own."""
    is_on: bool = True
    """Whether anything is taken out at all; an app's always is."""
    statements: bool = True
    """Whether of statements of databases only the shape stays: an app's own, for whoever asks by it needs no more."""

    def judge(self, *, signal: str, service: str) -> "Judge":
        """Who knows what is done with the fields of that signal."""
        rules = [rule for rule in self.rules if rule.applies(signal=signal, service=service)]
        return Judge(self, (*rules, *(_STATEMENTS if self.statements else ())))

    def looks_of(self, *, signal: str, service: str) -> dict[str, Action]:
        """What is done there with what looks alike; the first rule for a look holds."""
        found = [rule for rule in self.looks if rule.applies(signal=signal, service=service)]
        return {rule.look: rule.action for rule in reversed(found)}

    @property
    def wants_key(self) -> bool:
        """Whether a rule asks for hashes, and there is no key to make them with."""
        actions = {rule.action.name for rule in self.rules} | {rule.action.name for rule in self.looks}
        return self.keys is None and bool(actions & {"hash", "phone_hash"})


class Judge:
    """Says what is done with a field."""

    def __init__(self, policy: PrivacyPolicy, rules: tuple[FieldRule, ...]) -> None:
        lists = ((REMOVE, policy.deny), (REMOVE_MESSAGE, policy.messages), (PHONE, policy.phones))
        self._steps = [(re.compile(rule.pattern()), rule.action) for rule in rules]
        self._steps += [(re.compile(deny_pattern(entries)), Action(name)) for name, entries in lists]

    def action(self, path: str) -> Action | None:
        """The first that fits; None where nothing is known of the field."""
        path = _POSITIONS.sub("", path[-PATH_CHARACTERS_MAX:])
        return next((action for pattern, action in self._steps if pattern.search(path)), None)
