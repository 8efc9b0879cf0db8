"""Links that act without signing in: whoever got the message may acknowledge what it told of."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

DOCUMENT = "notify_links"
VALID_MS = 14 * 86_400_000
"""From when the notification was made."""
PATH = "/ack"
_SIGNATURE_CHARACTERS = 32


class _Document(Protocol):
    @property
    def value(self) -> Mapping[str, Any]: ...


class Documents(Protocol):
    async def get_document(self, name: str) -> _Document | None: ...

    async def put_document(self, name: str, value: dict[str, Any], actor: str) -> None: ...


class Links:
    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    async def open(cls, documents: Any) -> "Links":
        """With the key that all servers on one workspace share; made by the first one, under its lease."""
        document = await documents.get_document(DOCUMENT)
        if document is None:
            await documents.put_document(DOCUMENT, {"key": secrets.token_hex(32)}, "system")
            document = await documents.get_document(DOCUMENT)
        assert document is not None
        return cls(bytes.fromhex(str(document.value["key"])))

    def acknowledge(self, external_url: str, notification_id: str) -> str:
        query = {"n": notification_id, "s": self.signature(notification_id)}
        return f"{external_url.rstrip('/')}{PATH}?{urlencode(query)}"

    def signature(self, notification_id: str) -> str:
        return self.signed("acknowledge", notification_id)

    def holds(self, notification_id: str, signature: str) -> bool:
        return self.allows("acknowledge", notification_id, signature)

    def signed(self, act: str, what: str) -> str:
        """A link's signature: for this act on this thing, and no other."""
        signed = hmac.new(self._key, f"{act} {what}".encode(), hashlib.sha256)
        return signed.hexdigest()[:_SIGNATURE_CHARACTERS]

    def allows(self, act: str, what: str, signature: str) -> bool:
        return hmac.compare_digest(self.signed(act, what).encode(), signature.encode("utf-8", "replace"))
