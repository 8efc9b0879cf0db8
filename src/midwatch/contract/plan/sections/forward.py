"""`forward`: other OTLP endpoints to which what comes in is sent on."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from midwatch.contract.plan.scrape.access import Credentials, FilePath, Secret
from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Size

DESTINATIONS_MAX = 8
HEADERS_MAX = 50
QUEUE_BYTES_MIN = 1 << 20
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_OURS = frozenset(
    {
        "host",
        "content-type",
        "content-encoding",
        "content-length",
        "transfer-encoding",
        "connection",
        "user-agent",
        "x-midwatch-via",
    }
)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("expected small letters, digits, dashes and underscores, at most 63; it names a directory")
    return text


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an http or https URL, to which /v1/traces and the like are added")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("expected a URL without user, query or fragment; secrets go into headers or header_files")
    if re.search(r"/v1/(traces|metrics|logs)/?$", parts.path):
        raise ValueError("expected the URL without /v1/traces and the like, which are added")
    return text.rstrip("/")


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text) or text.lower() in _OURS:
        raise ValueError("expected the name of a header, and none that Midwatch sets itself")
    return text


class Select(Model):
    """What goes on: what fits each of the lists that are not empty."""

    environments: tuple[Name, ...] = ()
    """Aliases of the plan's environments count."""
    services: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = ()
    """`service.name`."""
    keys: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Names of the ingest keys that it came with."""


class Queue(Model):
    """How much may wait while the destination does not take it; then the oldest is given up."""

    size: Size = 512 << 20
    age: Duration = 86400.0

    @model_validator(mode="after")
    def _bounds(self) -> "Queue":
        if self.size < QUEUE_BYTES_MIN:
            raise ValueError("expected a size of at least 1MiB")
        if self.age < 1:
            raise ValueError("expected an age of at least 1s")
        return self


HeaderName = Annotated[str, AfterValidator(_header), WithJsonSchema({"type": "string", "maxLength": 200})]


class Destination(Credentials):
    name: Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})]
    endpoint: Annotated[str, Field(max_length=2000), AfterValidator(_endpoint)]
    """OTLP/HTTP, protobuf."""
    signals: tuple[Literal["traces", "metrics", "logs"], ...] = Field(
        default=("traces", "metrics", "logs"), min_length=1, max_length=3
    )
    select: Select = Select()
    headers: dict[HeaderName, Secret] = Field(default_factory=dict, max_length=HEADERS_MAX)
    """Never told again, whatever they are."""
    header_files: dict[HeaderName, FilePath] = Field(default_factory=dict, max_length=HEADERS_MAX)
    """Files whose text is the header's value; read for each request."""
    compression: Literal["gzip", "none"] = "gzip"
    timeout: Duration = 10.0
    queue: Queue = Queue()

    @model_validator(mode="after")
    def _sensible(self) -> "Destination":
        if not 0 < self.timeout <= 300:
            raise ValueError("expected a timeout above 0 and at most 5m")
        names = [name.lower() for name in (*self.headers, *self.header_files)]
        if self.basic_auth or self.authorization:
            names.append("authorization")
        if len(set(names)) < len(names):
            raise ValueError("expected each header once, in headers, header_files, basic_auth or authorization")
        return self


Destinations = tuple[Destination, ...]


def _check(destinations: Destinations, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(destinations):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other destination has"


def _advise(destinations: Destinations, sections: Mapping[str, Any]) -> Iterable[Remark]:
    for index, one in enumerate(destinations):
        if "metrics" in one.signals and sections.get("scrape_configs"):
            yield (index,), f"{one.name}: gets what comes by OTLP; what scrape_configs bring in is not forwarded"


SECTION: Section[Destinations] = Section(
    name="forward",
    help="Other OTLP endpoints to which what comes in by OTLP is sent on.",
    type=Annotated[Destinations, Field(max_length=DESTINATIONS_MAX)],
    empty=tuple,
    check=_check,
    advise=_advise,
    example="""forward:
  - name: vendor
    endpoint: https://otlp.example.com
    header_files: {x-api-key: secrets/vendor}
    signals: [traces, logs]
    select: {environments: [production], services: [api, worker]}
  - name: archive
    endpoint: http://127.0.0.1:4318
    compression: none
    timeout: 30s
    queue: {size: 2GiB, age: 3d}
""",
)
