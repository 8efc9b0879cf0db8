"""The key by which ids stay told apart where the team has given none: made once, kept in the workspace."""

import secrets
from typing import Any, Protocol

from midwatch.contract.privacy_hashing import HashKey

DOCUMENT = "privacy-ids"
KEY_ID = "own"


class Documents(Protocol):
    async def get_document(self, name: str) -> Any: ...
    async def put_document(self, name: str, value: dict[str, Any], actor: str) -> None: ...


async def id_key(documents: Documents) -> HashKey:
    """Callers on one workspace go one at a time."""
    found = await documents.get_document(DOCUMENT)
    if found is None:
        await documents.put_document(DOCUMENT, {"key": secrets.token_hex(32)}, "system")
        found = await documents.get_document(DOCUMENT)
    return HashKey(KEY_ID, str(found.value["key"]).encode())
