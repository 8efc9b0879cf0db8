"""Values that are private by their looks or their key, each of them another wherever it is planted."""

import base64
import json
import random
from dataclasses import dataclass, field
from urllib.parse import quote

_SECRET = "abcdefghijkmnpqrstuvwxyz23456789"


def _luhn(digits: str) -> str:
    total = 0
    for place, one in enumerate(reversed(digits)):
        total += sum(divmod(2 * int(one), 10)) if place % 2 == 0 else int(one)
    return digits + str(-total % 10)


def _iban(number: int) -> str:
    rest = f"37040044{number:010}"
    check = 98 - int(rest + "131400") % 97
    return f"DE{check:02}{rest}"


@dataclass
class Canaries:
    """`text` is a text with one of each kind; what was planted is remembered with its place."""

    planted: dict[str, str] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))

    def text(self, place: str) -> str:
        number, word = len(self.planted) + 1_000, self._word(12)
        values = {
            "email": f"{word}@leak.example",
            "phone": f"+49151{number * 37:08}",
            "national phone": f"030 {number * 7919 % 9_000_000 + 1_000_000}",
            "card": _luhn(f"411111{number:09}"),
            "iban": _iban(number),
            "jwt": f"eyJ{self._word(20)}.eyJ{self._word(24)}.{self._word(20)}",
            "vendor key": f"sk_live_{self._word(24)}",
            "secret": f"p{self._word(15)}9",
            "address": f"u{self._word(10)}:{self._word(10)}",
        }
        for kind, value in values.items():
            self.planted[value] = f"{kind} in {place}"
        return (
            f"mail {values['email']} call {values['phone']} or {values['national phone']} pay {values['card']}"
            f" to {values['iban']} with {values['jwt']} and {values['vendor key']}; password={values['secret']}"
            f" at https://{values['address']}@host.example/"
        )

    def secret(self, place: str) -> str:
        """For a private key: nothing else tells that it is private."""
        value = f"w{self._word(14)}7"
        self.planted[value] = f"secret under a private key in {place}"
        return value

    def email(self, place: str) -> str:
        value = f"{self._word(12)}@leak.example"
        self.planted[value] = f"email in {place}"
        return value

    def forms(self) -> dict[bytes, str]:
        """All that a value may have become, and the value."""
        found: dict[bytes, str] = {}
        for value in self.planted:
            raw = value.encode()
            hexed = raw.hex()
            for form in (raw, hexed.encode(), hexed.upper().encode(), quote(value, safe="").encode()):
                found[form] = value
            found[json.dumps(value)[1:-1].encode()] = value
            for shift in range(3):
                # What stands before it moves its base64; the characters that are shared with its neighbours go.
                encoded = base64.b64encode(b"\0" * shift + raw)
                inner = encoded[(0, 2, 3)[shift] : len(encoded) - (4 if len(encoded) % 4 == 0 else 0)]
                found[inner.rstrip(b"=")] = value
                found[inner.rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")] = value
        return found

    def _word(self, size: int) -> str:
        return "".join(self._chance.choices(_SECRET, k=size))
