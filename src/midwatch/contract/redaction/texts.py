"""Private values are taken out of texts: by what they look like, and by the name that they stand behind."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from midwatch.contract import privacy_actions as actions
from midwatch.contract.privacy import REMOVED
from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_phone import e164, is_valid
from midwatch.contract.privacy_text import digits_of, plain
from midwatch.contract.redaction import patterns

TEXT_CHARACTERS_MAX = 64 << 10
"""Longer texts are cut: what is not looked at does not leave."""
BEYOND_CHARACTERS = 4 << 10
"""Looked at behind the cut and never shown, so that no half of a secret is."""
CUT = "… [cut]"
PAIRS_MAX = 16
"""Of `a=b=c=…` that are looked at."""
NORTH_AMERICA = frozenset(
    {
        *("AG", "AI", "AS", "BB", "BM", "BS", "CA", "DM", "DO", "GD", "GU", "JM", "KN", "KY", "LC", "MP", "MS", "PR"),
        *("SX", "TC", "TT", "US", "VC", "VG", "VI"),
    }
)
"""Regions of country code 1, whose numbers are ten digits."""

LOOKED_AT_MAX, LOOKED_AT_CHARACTERS_MAX = 512, 128
"""Short texts of which is remembered whether they are suspicious: a path is on two lines and in a span."""
is_suspicious = lru_cache(LOOKED_AT_MAX)(patterns.is_suspicious)

_HASHED = frozenset({actions.EMAIL, actions.PHONE_LOOK})
"""Of these the hash is told where there is a key: what happened to one person is found by it."""
_NAME_AT_END = re.compile(r"[\w.%\[\]-]{0,128}\Z")

Named = Callable[[str, str], str | None]
"""What may be told of a value in a text that stands behind that name; None for all of it."""
IsNamed = Callable[[str], bool]
"""Whether a value behind that name could be private for its name."""
Whole = Callable[[Any], Any]
Wanted = Callable[[str], bool]
"""Whether a pattern could find anything in a text."""
Replacement = str | Callable[[re.Match[str]], str]
Found = Callable[[str], None]
"""Hears what something was replaced for: one of `LOOKS`, or `secret`."""


class Texts:
    """Takes private values out of texts. Any thread may use it."""

    def __init__(
        self,
        named: Named,
        is_named: IsNamed,
        whole: Whole,
        keys: HashKeys | None,
        region: str,
        *,
        looks: Mapping[str, Action] | None = None,
        found: Found | None = None,
    ) -> None:
        """`whole` says what may be told of what a text is the JSON of; `found` hears of all that is replaced."""
        self._looks = dict(looks or {})
        self._found = found
        self._named = named
        self._is_named = is_named
        self._whole = whole
        self._keys = keys
        self._region = region
        self.secrets = tuple(key.secret.decode() for key in (keys.current, *keys.older)) if keys else ()
        """Of the keys that hash: they are private wherever they stand."""
        secret, key, jwt = self._secret, self._of(actions.KEY), self._of(actions.JWT)
        self._steps: tuple[tuple[Wanted, re.Pattern[str], Replacement], ...] = (
            (_any("-----"), patterns.PEM, key),
            (_any("://"), patterns.USER_INFO, secret(REMOVED)),
            (_any("eyJ"), patterns.JWT, jwt),
            (_any("ookie"), patterns.HEADER_LINE, secret(rf"\1\2{REMOVED}")),
            (_any("earer", "asic", "EARER", "ASIC"), patterns.SCHEME, secret(rf"\1 {REMOVED}")),
            (_any("uthorization"), patterns.AUTHORIZATION, secret(rf"\1{REMOVED}")),
            (patterns.may_hold_key, patterns.VENDOR_KEY, key),
            (_any("slack"), patterns.SLACK_HOOK, secret(REMOVED)),
            (_any("[parameters: "), patterns.PARAMETERS, secret(rf"\1{REMOVED}]")),
            (_any(")=(", "contains ("), patterns.VIOLATION, _violation),
            (_any("Duplicate entry "), patterns.DUPLICATE, secret(rf"\1{REMOVED}")),
            (_any('"', "'"), patterns.QUOTED_PAIR, self._quoted),
            (_any('\\"', "''"), patterns.ESCAPED_PAIR, self._quoted),
            (_any("='", '="', "=b'", '=b"', "=r", "=u"), patterns.ASSIGNED, self._assigned),
            (_any("="), patterns.PAIR, self._pair),
            (_any("%3"), patterns.ENCODED_PAIR, self._encoded_pair),
            (_any("--"), patterns.FLAG, self._flag),
            (_any("@", "%40"), patterns.EMAIL, self._email),
        )
        # Cards last: one of ten phone numbers has a card's check digit. Accounts first: they hold what looks like both.
        self._of_numbers: tuple[tuple[re.Pattern[str], Replacement], ...] = (
            (patterns.IBAN, self._of(actions.IBAN, patterns.is_iban, lambda text: text.replace(" ", ""))),
            (patterns.SSN, self._of(actions.SSN)),
            (patterns.PHONE, self._phone),
            (patterns.NATIONAL, self._national),
            *(((patterns.REGIONAL, self._regional),) if region else ()),
            (patterns.CARD, self._of(actions.CARD, patterns.is_card, digits_of)),
        )
        self._hosts = self._of(actions.IP, patterns.is_ip, str.lower) if self.sees_hosts else None

    @property
    def sees_hosts(self) -> bool:
        """Whether something is done with addresses of hosts, which no quick look tells."""
        return actions.IP in self._looks

    def clean(self, text: str) -> str:
        """The text with what is private replaced by what it is; the text itself where nothing is."""
        cut = len(text) > TEXT_CHARACTERS_MAX
        if not self._is_suspicious(text):
            return f"{text[:TEXT_CHARACTERS_MAX]}{CUT}" if cut else text
        seen = plain(text[: TEXT_CHARACTERS_MAX + BEYOND_CHARACTERS] if cut else text)
        cleaned = self._json(seen)
        cleaned = self._scrubbed(seen) if cleaned is None else cleaned
        if cut:
            return f"{cleaned[: min(TEXT_CHARACTERS_MAX, len(cleaned) - BEYOND_CHARACTERS)]}{CUT}"
        return text if cleaned == seen else cleaned

    def phone(self, number: str) -> str:
        """`[phone]`, with the number's hash where there is a key and it can be one; or what a rule for phones says."""
        return self._told(
            actions.PHONE_LOOK, number, e164(number.replace("%2B", "+").replace("%2b", "+"), self._region)
        )

    def _is_suspicious(self, text: str) -> bool:
        look = is_suspicious if len(text) <= LOOKED_AT_CHARACTERS_MAX else patterns.is_suspicious
        if look(text) or (bool(self.secrets) and any(secret in text for secret in self.secrets)):
            return True
        return self.sees_hosts and patterns.IP.search(text) is not None

    def _scrubbed(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, REMOVED)
        for is_wanted, pattern, replacement in self._steps:
            if is_wanted(text):
                text = pattern.sub(replacement, text)
        if ": " in text:
            text = self._behind_colons(text)
        if patterns.has_number(text):
            for pattern, replacement in self._of_numbers:
                text = pattern.sub(replacement, text)
        return patterns.IP.sub(self._hosts, text) if self._hosts else text

    def _json(self, text: str) -> str | None:
        """The text as JSON, each of its values cleaned alone: a number there is no text. None where it is no JSON."""
        if text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            value = orjson.loads(text)
            if any(secret in text for secret in self.secrets):
                return None
            cleaned = self._whole(value)
            if cleaned == value:
                # Of a key that stands there twice, only the last value was seen.
                json.loads(text, object_pairs_hook=_once)
                return text
            return orjson.dumps(cleaned).decode()
        except (ValueError, TypeError, RecursionError):
            return None

    def _told(self, look: str, text: str, same: str | None = None) -> str:
        """What stays of what looks so. `same`: the text as all of its spellings have it; empty where it can be none."""
        rule = self._looks.get(look)
        if rule is not None and rule.name == actions.KEEP:
            return text
        if self._found:
            self._found(look)
        keyed = self._keys.current.hash(text if same is None else same) if self._keys and same != "" else ""
        if rule is None:
            return f"[{look} {keyed}]" if keyed and look in _HASHED else f"[{look}]"
        match rule.name:
            case actions.HASH:
                return keyed or REMOVED
            case actions.MASK:
                return actions.masked(text)
            case actions.LAST:
                return actions.last(text, rule.count)
        return REMOVED

    def _of(
        self, look: str, is_one: Callable[[str], bool] | None = None, same: Callable[[str], str] | None = None
    ) -> Replacement:
        def told(match: re.Match[str]) -> str:
            if is_one is not None and not is_one(match[0]):
                return match[0]
            return self._told(look, match[0], same(match[0]) if same else None)

        return told

    def _secret(self, left: str) -> Replacement:
        found = self._found
        if found is None:
            return left

        def told(match: re.Match[str]) -> str:
            found(actions.SECRET)
            return match.expand(left)

        return told

    def _email(self, match: re.Match[str]) -> str:
        name = match["name"] or ""
        address = match[0][len(name) :]
        if patterns.NO_PERSON.match(address):
            return match[0]
        return name + self._told(actions.EMAIL, address, address.replace("%40", "@").strip("'").lower())

    def _phone(self, match: re.Match[str]) -> str:
        # Digits alone are a number of North America, or an id of everybody else.
        an_id = match[0].isdigit() and self._region and self._region not in NORTH_AMERICA
        return match[0] if an_id else self.phone(match[0])

    def _national(self, match: re.Match[str]) -> str:
        return self.phone(match[0]) if patterns.is_national_phone(match[0]) else match[0]

    def _regional(self, match: re.Match[str]) -> str:
        # Digits alone are too often an id.
        told = not match[0].isdigit() or match[0].startswith("0")
        return self.phone(match[0]) if told and is_valid(match[0], self._region) else match[0]

    def _assigned(self, match: re.Match[str]) -> str:
        told = self._named(match[1], _unquoted(match[2]))
        return match[0] if told is None else f"{match[1]}={told}"

    def _pair(self, match: re.Match[str]) -> str:
        """Of `a=b=c` a private `b` counts as well as a private `a`."""
        name, value, before = match[1], match[2], ""
        for _ in range(PAIRS_MAX):
            told = self._named(name, value)
            if told is not None:
                return f"{before}{name}={told}"
            inner, equals, rest = value.partition("=")
            if not equals:
                break
            # From the last sign that is none of a name.
            start = len(inner) - len(_NAME_AT_END.search(inner)[0])  # type: ignore[index]
            before, name, value = f"{before}{name}={inner[:start]}", inner[start:], rest
        return match[0]

    def _encoded_pair(self, match: re.Match[str]) -> str:
        told = self._named(match[1], match[2])
        return match[0] if told is None else f"{match[0][: -len(match[2])]}{told}"

    def _quoted(self, match: re.Match[str]) -> str:
        value, mark, before = match["value"], match["mark"], match.string[max(0, match.start() - 1)]
        if match["joint"].strip() == "," and before not in "([":
            return match[0]
        told = self._named(match["name"], value.removeprefix(mark).removesuffix(mark).strip("\"'"))
        return match[0] if told is None else f"{mark}{match['name']}{mark}{match['joint']}{mark}{told}{mark}"

    def _behind_colons(self, text: str) -> str:
        """Behind a colon most words are only said: `token: expired` tells of one, `token: q1w2` tells it."""
        told: list[str] = []
        end = 0
        for name in patterns.COLON_NAME.finditer(text):
            # First, for `a:b:c:…` has a value behind every name, each as long as all that is left.
            if name.start() < end or not self._is_named(name[1]):
                continue
            value = patterns.COLON_VALUE.match(text, name.end())
            if value is None:
                continue
            word = value[0].rstrip(".!?:")
            only_said = word.isalpha() and (word.islower() or word.istitle())
            if only_said and not name[1].lower().endswith(("password", "passwd", "passphrase", "pwd")):
                continue
            left = self._named(name[1], value[0])
            if left is not None:
                told += (text[end : value.start()], left)
                end = value.end()
        return "".join((*told, text[end:])) if told else text

    def _flag(self, match: re.Match[str]) -> str:
        told = self._named(match[1].lstrip("-"), match[2])
        return match[0] if told is None else f"{match[1]} {told}"


def _any(*marks: str) -> Wanted:
    if len(marks) == 1:
        mark = marks[0]
        return lambda text: mark in text
    return lambda text: any(mark in text for mark in marks)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError where a key is there twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key that is there twice")
    return found


def _violation(match: re.Match[str]) -> str:
    return f"{match[1]}({REMOVED}){match[2].rpartition(')')[2]}"


def _unquoted(value: str) -> str:
    return value.lstrip("bru")[1:].removesuffix("'").removesuffix('"')
