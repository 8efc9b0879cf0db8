"""`http_config` of a receiver: Prometheus's HTTP client configuration."""

import re
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from midwatch.contract.plan.scrape.access import MASK, Credentials, FilePath, Secret, TlsConfig
from midwatch.contract.plan.section import Model
from midwatch.server.notify.texts import TemplateError, Texts

HEADERS_MAX = 50
TEMPLATE_CHARACTERS_MAX = 100_000
URL_CHARACTERS_MAX = 4000
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")


def _template(text: str) -> str:
    """Only what it calls by name can be missing yet: the plan's files define templates, too."""
    if "{{" in text:
        try:
            _texts().check(text)
        except TemplateError as error:
            raise ValueError(f"expected a template of Go's text/template: {error}") from None
    return text


@cache
def _texts() -> Texts:
    return Texts()


Template = Annotated[str, Field(max_length=TEMPLATE_CHARACTERS_MAX), AfterValidator(_template)]
"""A text with `{{ … }}`."""
Short = Annotated[str, Field(max_length=2000)]


def checked_url(text: str) -> str:
    """Raises ValueError."""
    if not text or "{{" in text:
        return text
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValueError("expected an http or https URL")
    return text


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text) or text.lower() in ("host", "content-length", "transfer-encoding", "connection"):
        raise ValueError("expected the name of a header, and none that Midwatch sets itself")
    return text


Url = Annotated[str, Field(max_length=URL_CHARACTERS_MAX), AfterValidator(checked_url)]
SecretUrl = Annotated[
    str,
    Field(max_length=URL_CHARACTERS_MAX),
    AfterValidator(checked_url),
    PlainSerializer(lambda text: MASK if text else "", return_type=str),
]
"""Whoever knows it may write to the channel."""


class Header(Model):
    values: tuple[Short, ...] = ()
    secrets: tuple[Secret, ...] = ()
    files: tuple[FilePath, ...] = ()


class OAuth2(Model):
    """Client credentials (RFC 6749, 4.4)."""

    client_id: Short = ""
    client_secret: Secret = ""
    client_secret_file: FilePath = ""
    token_url: Url
    scopes: tuple[Short, ...] = ()
    endpoint_params: dict[Short, Short] = Field(default_factory=dict)
    tls_config: TlsConfig = TlsConfig()
    proxy_url: Url = ""

    @model_validator(mode="after")
    def _one_secret(self) -> "OAuth2":
        if self.client_secret and self.client_secret_file:
            raise ValueError("expected client_secret or client_secret_file, not both")
        return self


class HttpConfig(Credentials):
    follow_redirects: bool = True
    enable_http2: bool = True
    """Taken and left alone: requests are HTTP/1.1."""
    proxy_url: Url = ""
    no_proxy: Short = ""
    proxy_from_environment: bool = False
    oauth2: OAuth2 | None = None
    bearer_token: Secret = ""
    bearer_token_file: FilePath = ""
    http_headers: dict[Annotated[str, AfterValidator(_header)], Header] = Field(
        default_factory=dict, max_length=HEADERS_MAX
    )

    @model_validator(mode="after")
    def _one_authorization(self) -> "HttpConfig":
        given = (self.basic_auth, self.authorization, self.oauth2, self.bearer_token or self.bearer_token_file or None)
        if sum(one is not None for one in given) > 1:
            raise ValueError("expected one of basic_auth, authorization, oauth2 and bearer_token")
        if self.bearer_token and self.bearer_token_file:
            raise ValueError("expected bearer_token or bearer_token_file, not both")
        if self.proxy_from_environment:
            raise ValueError("proxy_from_environment: expected proxy_url: the server's environment is not looked at")
        return self


class ChannelConfig(Model):
    """What every receiver's entry has; each channel's config.py adds its own keys."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None


def one_of(config: Any, *names: str, needed: bool = False) -> None:
    """At most one of the keys is set, or just one where it is needed. Raises ValueError."""
    given = [name for name in names if getattr(config, name)]
    if len(given) > 1:
        raise ValueError(f"expected one of {', '.join(names)}; found {' and '.join(given)}")
    if needed and not given:
        raise ValueError(f"expected one of {', '.join(names)}")
