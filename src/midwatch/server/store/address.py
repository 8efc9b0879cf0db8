"""Where a store is and how it is spoken to: the `clickhouse://` URL."""

import difflib
import re
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from midwatch.server.model.errors import BadRequest

DATABASE = "midwatch"
"""Where the address names none, and in the embedded engine."""
SCHEMES = ("clickhouse", "clickhouses")
_OPTIONS = ("ca", "cluster", "compression", "secure", "verify")
_OF_TLS = ("ca", "verify")
_NAME = re.compile(r"[\w.-]+")
"""Of a database or cluster: it stands quoted in statements and in paths."""
_EXPECTED = "clickhouse://user:password@host:8123/database"
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
    database: str = DATABASE
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
        if parts.scheme not in SCHEMES:
            raise BadRequest(f"store: expected {_EXPECTED}, or clickhouses:// for TLS")
        if parts.fragment or "@" in parts.path:
            raise BadRequest(f"store: expected {_EXPECTED}; write # / ? @ : in a password as %23 %2F %3F %40 %3A")
        port = _port(parts)
        if not parts.hostname:
            raise BadRequest(f"store: no host is named: expected {_EXPECTED}")
        options = _options(parts.query)
        secure = parts.scheme == "clickhouses" or _truth(options, "secure", default=False)
        _check_tls(options, secure=secure)
        target = cls(
            host=parts.hostname,
            port=port or (8443 if secure else 8123),
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=_name("database", unquote(parts.path.strip("/")) or DATABASE),
            secure=secure,
            cluster=_name("cluster", options["cluster"]) if "cluster" in options else "",
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


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        # Not quoted: where a password has an unescaped character in it, this may be a part of it.
        raise BadRequest(f"store: the port is not a number from 1 to 65535: expected {_EXPECTED}")
    return port


def _options(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _OPTIONS:
            near = difflib.get_close_matches(name, _OPTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(_OPTIONS)}"
            raise BadRequest(f"store: unknown option {name!r}: {hint}")
        if name in options:
            raise BadRequest(f"store: {name} is given twice: expected it once")
        options[name] = value
    return options


def _check_tls(options: dict[str, str], *, secure: bool) -> None:
    """Refuse what would leave somebody in the belief that a connection is safer than it is."""
    if secure and not _truth(options, "secure", default=True):
        raise BadRequest("store: secure=0 with clickhouses://: expected clickhouse:// for a store without TLS")
    for name in _OF_TLS:
        if name in options and not secure:
            raise BadRequest(f"store: {name} is an option of TLS: expected clickhouses:// (or secure=1) with it")
    if "ca" in options and not _truth(options, "verify", default=True):
        raise BadRequest("store: ca with verify=0: expected one of the two, since verify=0 takes any certificate")


def _name(what: str, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise BadRequest(f"store: {what}={value}: expected a name of letters, digits and _ . -")
    return value


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
