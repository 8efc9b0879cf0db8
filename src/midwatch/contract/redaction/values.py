"""Private values are taken out before anything leaves the process: by their key, and by what they look like."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus
from uuid import UUID

from midwatch.contract import privacy_actions as actions
from midwatch.contract.privacy import REMOVED
from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_phone import phone_hash
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.contract.privacy_text import digits_of
from midwatch.contract.redaction.patterns import UUID_CHARACTERS, is_id
from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.contract.redaction.sql import shape_of
from midwatch.contract.redaction.texts import CUT, LOOKED_AT_CHARACTERS_MAX, Found, Texts, is_suspicious

DEPTH_MAX = 8
ITEMS_MAX = 2048
"""Of one list or map; what is beyond is left out."""
WORK_MAX = 20_000
"""Items of one value in all, each 64 characters counted as one more: lists of lists must not take for ever."""
KEYS_MAX = 4096
"""How many keys are remembered as private or not; a team has hundreds."""
HARMLESS_MAX = 8192
HARMLESS_CHARACTERS_MAX = 31
"""Texts that are remembered as harmless: methods, routes and hosts come again, ids are longer and do not."""
PHONE_DIGITS_MIN = 5
"""Under the key of a phone number: `phone: iPhone 15` is none."""

_PLAIN = (int, float, date, time, Decimal, UUID)
"""What is rendered in ways of its own and says nothing private; any other object is its text."""
_BYTES = (bytes, bytearray, memoryview)


class Room:
    """How much of one value is still looked at."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = WORK_MAX

    def of(self, items: list[Any]) -> Iterator[Any]:
        """The items for which there is room."""
        for one in items[:ITEMS_MAX]:
            self.left -= 1 + (len(one) >> 6 if isinstance(one, str | bytes) else 0)
            if self.left < 0:
                return
            yield one


class Field(NamedTuple):
    """What is known of a key."""

    shown: str
    """The key itself, without what is private in it."""
    action: Action | None


_UNKNOWN = Field("", None)


class Redactor:
    """Takes private values out of one signal. Keeps what it knows of keys and short texts; any thread may use it."""

    def __init__(
        self,
        policy: PrivacyPolicy | None = None,
        *,
        signal: str = "logs",
        service: str = "",
        found: Found | None = None,
    ) -> None:
        """`policy`: None for the defaults; `found` hears of all that is replaced in texts."""
        self._policy = policy or PrivacyPolicy()
        self._judge = self._policy.judge(signal=signal, service=service)
        self._texts = Texts(
            self._named,
            self._is_named,
            self._whole,
            self._policy.keys,
            self._policy.region,
            looks=self._policy.looks_of(signal=signal, service=service),
            found=found,
        )
        self._looks_are_enough = not self._texts.secrets and not self._texts.sees_hosts
        self._fields: dict[str, Field | None] = {}
        self._harmless: set[str] = set()

    def private(self, key: str) -> bool:
        """Whether no text under this key may leave."""
        action = self._field(key).action
        return action is not None and action.name in (actions.REMOVE, actions.DROP, actions.REMOVE_MESSAGE)

    def is_treated(self, key: str) -> bool:
        """Whether something else is done with values under this key than to look at them."""
        action = self._field(key).action
        return action is not None and action.name not in (actions.KEEP, actions.SCRUB)

    def is_message(self, key: str) -> bool:
        """Whether values under this key go as what people write, and no rule says otherwise."""
        action = self._field(key).action
        return action is not None and action.name == actions.REMOVE_MESSAGE

    def is_plain(self, key: str) -> bool:
        """Whether nothing is known of this key: numbers under it are told as they are."""
        return self._field(key) == (key, None)

    def text(self, text: str) -> str:
        """The text with cards, e-mail addresses, phone numbers, tokens and keys replaced by what they are.

        Also `name=value` and `"name": "value"`, where nothing under that name may leave.
        """
        if text in self._harmless:
            return text
        # Each id is another: to remember how it looks would push out what comes again.
        an_id = len(text) == UUID_CHARACTERS and is_id(text) is not None
        quick = self._looks_are_enough and len(text) <= LOOKED_AT_CHARACTERS_MAX
        if quick and (an_id or not is_suspicious(text)):
            return text
        cleaned = self._texts.clean(text)
        if cleaned is text and len(text) <= HARMLESS_CHARACTERS_MAX:
            if len(self._harmless) >= HARMLESS_MAX:
                self._harmless.clear()
            self._harmless.add(text)
        return cleaned

    def cut(self, text: str, characters_max: int) -> str:
        """The beginning of a text as it may be seen.

        Twice as much is looked at, and what stands at its very end is not shown: it may be half of a secret.
        """
        cleaned = self.text(text[: 2 * characters_max])
        spare = characters_max if len(text) > 2 * characters_max else 0
        return cleaned[: max(0, min(characters_max, len(cleaned) - spare))]

    def key(self, key: str) -> str:
        """A key as it may be seen."""
        known = self._fields.get(key, _UNKNOWN)
        return key if known is None else self._field(key).shown

    def value(self, key: str, value: Any, depth: int = 0, room: Room | None = None) -> Any:
        """What may leave of a value under that key, LEFT_OUT for nothing; containers are copied, never changed."""
        if self._fields.get(key, _UNKNOWN) is None:
            return self.text(value) if type(value) is str else self._scrubbed(key, value, depth, room)
        action = self._field(key).action
        if action is None:
            return self._scrubbed(key, value, depth, room)
        return self._treated(action, key, value, depth, room)

    def put(self, into: dict[str, Any], fields: Mapping[str, Any]) -> None:
        """Each field with what may leave of it; one loop, because every line passes here."""
        known, harmless = self._fields, self._harmless
        for key, value in fields.items():
            kind = type(value)
            if known.get(key, _UNKNOWN) is not None:
                field = self._field(key)
                cleaned = self.value(key, value)
                if cleaned is not LEFT_OUT:
                    into[field.shown] = cleaned
            elif kind is str:
                into[key] = value if value in harmless else self.text(value)
            elif kind is int or kind is float or kind is bool or value is None:
                into[key] = value
            else:
                into[key] = self._scrubbed(key, value, 0, None)

    def _field(self, key: str) -> Field:
        """None is remembered for keys of which there is nothing to know: `put` asks for no more."""
        found = self._fields.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            field = Field(self._shown(key), self._judge.action(key))
            if len(self._fields) >= KEYS_MAX:
                self._fields.clear()
            found = self._fields[key] = None if field == (key, None) else field
        return found or Field(key, None)

    def _shown(self, key: str) -> str:
        """What the app calls `0151 23456789` is `extra.0151 23456789` here: the part behind is looked at alone, too."""
        shown = self.text(key)
        head, dot, tail = key.partition(".")
        return f"{head}.{self.text(tail)}" if dot and shown == key else shown

    def _is_named(self, name: str) -> bool:
        """Whether something is done with what stands behind a name in a text, for the name."""
        action = self._field(unquote(name)).action
        return action is not None and action.name not in (actions.KEEP, actions.SCRUB, actions.SHAPE)

    def _named(self, name: str, value: str) -> str | None:
        """What may be told of what stands behind a name in a text; None for all of it."""
        name = unquote(name)
        action = self._field(name).action
        if action is None or not self._is_named(name):
            return None
        plain = unquote_plus(value) if "%" in value else value
        told = self._treated(action, name, plain, 0, None)
        return None if told == plain else REMOVED if told is LEFT_OUT else safe_text(told)

    def _whole(self, value: Any) -> Any:
        """What may be told of what a text is the JSON of."""
        return self._scrubbed("", value, 0, None)

    def _scrubbed(  # noqa: PLR0911 - one per kind of value
        self, key: str, value: Any, depth: int, room: Room | None
    ) -> Any:
        """By what it looks like; what is inside also by its own key."""
        kind = type(value)
        if kind is int or kind is float or kind is bool or value is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, _BYTES):
            return self._bytes(bytes(value))
        if isinstance(value, Mapping | Sequence | set | frozenset):
            if depth >= DEPTH_MAX:
                # Not its text: that of lists of lists may have no end.
                return CUT
            room = room or Room()
            if isinstance(value, Mapping):
                return self._mapping(key, value, depth, room)
            return self._list(key, value, depth, room)
        return value if isinstance(value, _PLAIN) else self.text(safe_text(value))

    def _mapping(self, key: str, value: Mapping[Any, Any], depth: int, room: Room) -> dict[str, Any]:
        named = named_in(value)
        shown: dict[str, Any] = {}
        for inner, one in room.of(list(value.items())):
            text = safe_text(inner)
            cleaned = self.value(below(key, named if named and text == "value" else text), one, depth + 1, room)
            if cleaned is not LEFT_OUT:
                shown[self.text(text)] = cleaned
        return shown

    def _list(self, key: str, value: Any, depth: int, room: Room) -> list[Any]:
        items = list(value)
        if named := named_in(value):
            cleaned = self.value(below(key, named), items[1], depth + 1, room)
            return [self._scrubbed("", items[0], depth + 1, room), REMOVED if cleaned is LEFT_OUT else cleaned]
        return [self._scrubbed(key, one, depth + 1, room) for one in room.of(items)]

    def _bytes(self, value: bytes) -> bytes:
        """Also of UTF-16: what is between the bytes of ASCII is left aside."""
        seen = value.decode("utf-8", "replace").replace("\0", "")
        cleaned = self.text(seen)
        return value if cleaned == seen else cleaned.encode("utf-8", "replace")

    def _treated(  # noqa: PLR0911 - one per action
        self, action: Action, key: str, value: Any, depth: int, room: Room | None
    ) -> Any:
        if value is None or action.name == actions.KEEP:
            return value
        match action.name:
            case actions.DROP:
                return LEFT_OUT
            case actions.REMOVE:
                return REMOVED
            case actions.REMOVE_MESSAGE:
                return value if isinstance(value, bool | int | float) else REMOVED
            case actions.SCRUB:
                return self._scrubbed(key, value, depth, room)
            case actions.SHAPE:
                return self.text(shape_of(safe_text(value)).text)
        if isinstance(value, str | bytes) or not isinstance(value, Mapping | Sequence | set | frozenset):
            return self._leaf(action, value)
        if depth >= DEPTH_MAX:
            return REMOVED
        room = room or Room()
        if isinstance(value, Mapping):
            items = room.of(list(value.items()))
            return {self.text(safe_text(name)): self._treated(action, key, one, depth + 1, room) for name, one in items}
        return [self._treated(action, key, one, depth + 1, room) for one in room.of(list(value))]

    def _leaf(self, action: Action, value: Any) -> Any:  # noqa: PLR0911 - one per action
        if isinstance(value, bool):
            return value
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else safe_text(value)
        match action.name:
            case actions.HASH:
                return self._policy.keys.current.hash(text) if self._policy.keys else REMOVED
            case actions.PHONE_HASH:
                key = self._policy.keys
                return (key and phone_hash(text, key.current, self._policy.region)) or REMOVED
            case actions.MASK:
                return actions.masked(text)
            case actions.LAST:
                return actions.last(text, action.count)
            case actions.TRUNCATE:
                return actions.truncated(self.text(text), action.count)
        # PHONE: whatever has digits enough.
        if len(digits_of(text)) >= PHONE_DIGITS_MIN and not isinstance(value, float):
            return self._texts.phone(text)
        return value if isinstance(value, int | float) else self.text(text)


def below(key: str, inner: str) -> str:
    """The path of a key in the map under another."""
    return f"{key}.{inner}" if key else inner


def named_in(value: Any) -> str:
    """What stands first in a pair, as WSGI, ASGI and HTTP clients write headers, is the key of what stands second.

    Also the name in `{"name": "authorization", "value": …}`. Empty for anything else.
    """
    if isinstance(value, Mapping):
        name = value.get("name", value.get("key")) if len(value) <= 4 and "value" in value else None
    else:
        name = value[0] if isinstance(value, tuple | list) and len(value) == 2 else None
    if isinstance(name, bytes):
        return name.decode("latin-1")
    return name if isinstance(name, str) else ""
