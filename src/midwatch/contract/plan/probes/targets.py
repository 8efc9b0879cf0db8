"""What a probe asks: one model a kind, by the key under which the plan has it."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from midwatch.contract.plan.probes.expect import (
    DnsExpect,
    Expect,
    HostPort,
    HttpExpect,
    IcmpExpect,
    TextExpect,
    TlsExpect,
    host_and_port,
)
from midwatch.contract.plan.scrape.access import Credentials, FilePath, Secret, TlsConfig
from midwatch.contract.plan.section import Model

BODY_CHARACTERS_MAX = 100_000
HEADERS_MAX = 50
PACKETS_MAX = 20
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_SCHEMES = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def _url(*schemes: str) -> AfterValidator:
    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            raise ValueError(f"expected a URL that begins with {' or '.join(f'{one}://' for one in schemes)}")
        if parts.username or parts.password:
            raise ValueError("expected a URL without a user; credentials go into basic_auth, authorization or headers")
        return text

    return AfterValidator(check)


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text) or text.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError("expected the name of a header, and none of the connection itself")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,255}", text):
        raise ValueError("expected a host or an address")
    return text


HeaderName = Annotated[str, AfterValidator(_header), WithJsonSchema({"type": "string", "maxLength": 200})]
Headers = Annotated[dict[HeaderName, Secret], Field(max_length=HEADERS_MAX)]
"""Never told again, whatever they are."""
HttpUrl = Annotated[str, Field(max_length=2000), _url("http", "https")]
SocketUrl = Annotated[str, Field(max_length=2000), _url("ws", "wss")]
Host = Annotated[str, AfterValidator(_host), WithJsonSchema({"type": "string", "maxLength": 255})]


def endpoint_of_url(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return parts.hostname, parts.port or _SCHEMES[parts.scheme]


def shown_url(url: str) -> str:
    """Without what may be secret: the query."""
    return url.partition("?")[0].partition("#")[0]


class HttpTarget(Credentials):
    url: HttpUrl
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    headers: Headers = Field(default_factory=dict)
    body: Annotated[str, Field(max_length=BODY_CHARACTERS_MAX)] = ""
    follow_redirects: bool = True
    expect: HttpExpect = HttpExpect()

    @property
    def endpoint(self) -> tuple[str, int] | None:
        return endpoint_of_url(self.url)

    @property
    def shown(self) -> str:
        return shown_url(self.url)


class _At(Model):
    """What is at `host:port`."""

    address: HostPort

    @property
    def endpoint(self) -> tuple[str, int] | None:
        return host_and_port(self.address)

    @property
    def shown(self) -> str:
        return self.address


class _Login(Model):
    """User and password of a database."""

    username: Annotated[str, Field(max_length=200)] = ""
    password: Secret = ""
    password_file: FilePath = ""
    tls: bool = False
    tls_config: TlsConfig = TlsConfig()

    @model_validator(mode="after")
    def _one_password(self) -> "_Login":
        if self.password and self.password_file:
            raise ValueError("expected password or password_file, not both")
        return self


class TcpTarget(_At):
    send: Annotated[str, Field(max_length=4000)] = ""
    """Once the connection stands."""
    expect: TextExpect = TextExpect()


class TlsTarget(_At):
    tls_config: TlsConfig = TlsConfig()
    expect: TlsExpect = TlsExpect()


class DnsTarget(Model):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    type: Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "HTTPS"] = "A"
    server: HostPort | None = None
    """None: those of the machine."""
    protocol: Literal["udp", "tcp"] = "udp"
    expect: DnsExpect = DnsExpect()

    @property
    def endpoint(self) -> tuple[str, int] | None:
        return host_and_port(self.server) if self.server else None

    @property
    def shown(self) -> str:
        return f"{self.name} {self.type}" + (f" @{self.server}" if self.server else "")


class IcmpTarget(Model):
    host: Host
    packets: Annotated[int, Field(ge=1, le=PACKETS_MAX)] = 3
    expect: IcmpExpect = IcmpExpect()

    @property
    def endpoint(self) -> tuple[str, int] | None:
        return None

    @property
    def shown(self) -> str:
        return self.host


class GrpcTarget(_At):
    service: Annotated[str, Field(max_length=500)] = ""
    """Of grpc.health.v1; empty: the whole server."""
    tls: bool = False
    tls_config: TlsConfig = TlsConfig()
    expect: Expect = Expect()


class WebSocketTarget(Credentials):
    url: SocketUrl
    headers: Headers = Field(default_factory=dict)
    send: Annotated[str, Field(max_length=4000)] = ""
    expect: TextExpect = TextExpect()

    @property
    def endpoint(self) -> tuple[str, int] | None:
        return endpoint_of_url(self.url)

    @property
    def shown(self) -> str:
        return shown_url(self.url)


class RedisTarget(_At, _Login):
    expect: TlsExpect = TlsExpect()


class PostgresqlTarget(_At, _Login):
    database: Annotated[str, Field(max_length=200)] = "postgres"
    expect: Expect = Expect()


Target = (
    HttpTarget
    | TcpTarget
    | TlsTarget
    | DnsTarget
    | IcmpTarget
    | GrpcTarget
    | WebSocketTarget
    | RedisTarget
    | PostgresqlTarget
)
