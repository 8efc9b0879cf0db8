"""`email_configs`: Alertmanager's keys."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret, TlsConfig
from midwatch.contract.plan.section import Model
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, one_of

HEADERS_MAX = 50


def host_port(text: str) -> tuple[str, str]:
    """Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError("expected host:port")
    return host.strip("[]"), port


def _smarthost(text: str) -> str:
    if text:
        host_port(text)
    return text


def _header(text: str) -> str:
    if not text or any(one in text for one in ": \r\n") or not text.isascii():
        raise ValueError("expected the name of a header")
    return text


class Threading(Model):
    enabled: bool = False
    thread_by_date: Literal["none", "daily"] = "daily"


class EmailConfig(ChannelConfig):
    send_resolved: bool = False
    to: Annotated[str, Field(min_length=1, max_length=10_000)]
    from_: Short = Field(default="", alias="from")
    hello: Short = ""
    smarthost: Annotated[str, Field(max_length=300), AfterValidator(_smarthost)] = ""
    auth_username: Short = ""
    auth_password: Secret = ""
    auth_password_file: FilePath = ""
    auth_secret: Secret = ""
    auth_secret_file: FilePath = ""
    auth_identity: Short = ""
    """Taken and left alone: nobody sends in another's name here."""
    headers: dict[Annotated[str, AfterValidator(_header)], Template] = Field(
        default_factory=dict, max_length=HEADERS_MAX
    )
    html: Template = '{{ template "email.default.html" . }}'
    text: Template = '{{ template "email.default.text" . }}{{ template "__email_acknowledge" . }}'
    require_tls: bool | None = None
    tls_config: TlsConfig | None = None
    force_implicit_tls: bool | None = None
    threading: Threading = Threading()

    @model_validator(mode="after")
    def _sensible(self) -> "EmailConfig":
        one_of(self, "auth_password", "auth_password_file")
        one_of(self, "auth_secret", "auth_secret_file")
        names = [name.lower() for name in self.headers]
        if len(set(names)) < len(names):
            raise ValueError("headers: expected each header once")
        if self.threading.enabled and {"references", "in-reply-to"} & set(names):
            raise ValueError("threading sets References and In-Reply-To: expected neither in headers")
        return self
