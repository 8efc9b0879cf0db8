"""What an answer must be like for a probe to succeed."""

import ipaddress
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.section import Duration, Model

LIST_MAX = 50
Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
"""RE2, found anywhere; `(?s)`, `(?i)` and anchors as usual."""
Part = Annotated[str, Field(min_length=1, max_length=4000)]
Port = Annotated[int, Field(ge=1, le=65535)]


def _status(value: str) -> str:
    low = value.lower()
    exact = low.isdigit() and len(low) == 3 and "100" <= low <= "599"
    if not exact and low not in ("1xx", "2xx", "3xx", "4xx", "5xx"):
        raise ValueError("expected a status such as 200, or a class of them such as 2xx")
    return low


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError("expected an address or a network such as 192.0.2.0/24") from None


def _address(value: str) -> str:
    host, port = host_and_port(value)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_and_port(text: str) -> tuple[str, int]:
    """Of `host:port`, `[::1]:port`. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("expected host:port, and IPv6 as [address]:port")
    sound = colon and host and port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535
    if not sound or any(sign in host for sign in "/@ ?#"):
        raise ValueError("expected host:port")
    return host, int(port)


Status = Annotated[int | str, AfterValidator(lambda value: _status(str(value)))]
NetworkText = Annotated[str, Field(max_length=60), AfterValidator(_network)]
HostPort = Annotated[str, Field(max_length=300), AfterValidator(_address)]


class Expect(Model):
    """What every kind of probe may expect."""

    latency_below: Duration | None = None
    """From the first byte asked for to the last one read."""
    resolves_to: tuple[NetworkText, ...] = Field(default=(), max_length=LIST_MAX)
    """Every address of the host is in one of these."""

    @model_validator(mode="after")
    def _positive(self) -> "Expect":
        if self.latency_below is not None and self.latency_below <= 0:
            raise ValueError("expected a latency_below above 0")
        return self


class TlsExpect(Expect):
    certificate_valid_for: Duration | None = None
    """The certificate, and those that it depends on, are good for so long yet."""


class JsonExpect(Model):
    """What a JSONPath (RFC 9535) finds: something, and all of it as is said."""

    path: Annotated[str, Field(min_length=1, max_length=500)]
    equals: Any = None
    matches: Pattern | None = None
    at_least: int | float | None = None
    at_most: int | float | None = None

    @property
    def says_equal(self) -> bool:
        return "equals" in self.model_fields_set


class HttpExpect(TlsExpect):
    status: tuple[Status, ...] = Field(default=("2xx",), min_length=1, max_length=LIST_MAX)
    """Of the last answer, after redirects."""
    body_contains: tuple[Part, ...] = Field(default=(), max_length=LIST_MAX)
    body_lacks: tuple[Part, ...] = Field(default=(), max_length=LIST_MAX)
    body_matches: Pattern | None = None
    header_matches: dict[Annotated[str, Field(max_length=200)], Pattern] = Field(default_factory=dict, max_length=50)
    json_: tuple[JsonExpect, ...] = Field(default=(), alias="json", max_length=LIST_MAX)


class TextExpect(TlsExpect):
    """Of what speaks after a connection: a banner, an answer, a message."""

    matches: Pattern | None = None


class DnsExpect(Expect):
    rcode: Annotated[str, Field(pattern=r"^[A-Z]{2,16}$")] = "NOERROR"
    contains: tuple[Part, ...] = Field(default=(), max_length=LIST_MAX)
    """Each is one of the answers, as a zone file has them."""
    matches: Pattern | None = None
    """Of at least one answer."""


class IcmpExpect(Expect):
    loss_below: Annotated[int | float, Field(gt=0, le=1)] = 1.0
    """Part of the packets that may stay away; 1: one that comes back is enough."""
