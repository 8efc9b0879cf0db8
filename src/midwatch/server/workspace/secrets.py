"""Secrets that people hold: made here, kept as hashes."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

TOKEN_PREFIX = "mwt_"  # noqa: S105 - what API tokens begin with
KEY_PREFIX = "mwk_"
_SHOWN_CHARACTERS = 10

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's second recommendation for argon2id (2024): 19 MiB, two passes."""
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def new_secret(prefix: str = "") -> str:
    """Of letters, digits and underscores: Sentry's JavaScript SDKs take no others in a DSN."""
    return prefix + secrets.token_urlsafe(32).replace("-", "_")


def shown(secret: str) -> str:
    """Its beginning, to tell secrets apart; of a short one, as people choose them, nothing."""
    return secret[:_SHOWN_CHARACTERS] if len(secret) > 2 * _SHOWN_CHARACTERS else "…"


def digest(secret: str) -> str:
    """Enough for secrets of full entropy; passwords need `hash_password`."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """Slow by intent: call in a thread."""
    return _hasher.hash(password)


def password_matches(password: str, password_hash: str | None) -> bool:
    """As slow for nobody as for somebody: call in a thread."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False
