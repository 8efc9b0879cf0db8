"""Where a store is and how it is spoken to: the `clickhouse://` URL."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from midwatch.server.model.errors import BadRequest

SCHEMES = ("clickhouse", "clickhouses")
_OPTIONS = ("ca", "cluster", "compression", "secure", "verify")
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}


class Compression(StrEnum):
    """Of what crosses the network, in both directions."""

    ZSTD = "zstd"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the store is."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str = "midwatch"
    secure: bool = False
    takes_body_files: bool = False
    """True for our own engine child, which reads a segment where it lies."""
    cluster: str = ""
    """Name of the cluster that tables are made on; empty for one server."""
    verify: bool = True
    """Check the server's certificate."""
    ca: str | None = None
    """File of the certificates that sign the server's; None for those that the machine trusts."""
    compression: Compression = Compression.NONE

    @classmethod
    def from_url(cls, url: str) -> "Target":
        """Read `clickhouse://user:password@host:8123/database?cluster=…`; `clickhouses://` is the same with TLS.

        Options: `cluster`, `secure` (TLS), `verify` (0 takes any certificate), `ca` (file), `compression`.

        Raises:
            BadRequest: another scheme, an option that is not known, or a value that it cannot have.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadRequest("store: expected clickhouse://user:password@host:8123/database")
        if unknown := set(options) - set(_OPTIONS):
            raise BadRequest(f"store: unknown option {sorted(unknown)[0]!r}: expected one of {', '.join(_OPTIONS)}")
        secure = parts.scheme == "clickhouses" or _truth(options, "secure", default=False)
        target = cls(
            host=parts.hostname,
            port=parts.port or (8443 if secure else 8123),
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.strip("/")) or "midwatch",
            secure=secure,
            cluster=options.get("cluster", ""),
            verify=_truth(options, "verify", default=True),
            ca=options.get("ca"),
            compression=_compression(options.get("compression", Compression.ZSTD)),
        )
        target.tls()
        return target

    @property
    def http_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    def tls(self) -> ssl.SSLContext | bool:
        """What aiohttp's connector takes: how the server's certificate is checked.

        Raises:
            BadRequest: the file of certificates cannot be read.
        """
        if not self.verify or self.ca is None:
            return self.verify
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:  # SSLError is one
            raise BadRequest(f"store: ca={self.ca}: expected a file of certificates (PEM): {error}") from None


def _truth(options: dict[str, str], name: str, *, default: bool) -> bool:
    value = options.get(name)
    if value is None:
        return default
    if value not in _TRUTHS:
        raise BadRequest(f"store: {name}={value}: expected 1 or 0")
    return _TRUTHS[value]


def _compression(value: str) -> Compression:
    if value not in list(Compression):
        raise BadRequest(f"store: compression={value}: expected {' or '.join(Compression)}")
    return Compression(value)
