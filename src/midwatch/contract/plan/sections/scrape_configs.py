"""`scrape_configs`: the /metrics pages that Midwatch asks for, in Prometheus's own syntax."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.scrape.access import Access, FilePath
from midwatch.contract.plan.scrape.relabel import RelabelConfig
from midwatch.contract.plan.section import Duration, Model, Remark, Section, Size

TARGETS_MAX = 10_000
"""Of one group of static targets."""
INTERVAL_SECONDS_MIN = 0.1


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an http or https URL")
    return text


Count = Annotated[int, Field(ge=0)]
"""0: no limit."""
Label = Annotated[str, Field(min_length=1, max_length=1000)]
Url = Annotated[str, Field(max_length=2000), AfterValidator(_web_url)]


class StaticConfig(Model):
    targets: tuple[Label, ...] = Field(max_length=TARGETS_MAX)
    """`host:port`."""
    labels: dict[Label, Annotated[str, Field(max_length=4096)]] = Field(default_factory=dict)


class FileSdConfig(Model):
    files: tuple[FilePath, ...] = Field(min_length=1, max_length=100)
    """JSON or YAML; the last part may be a pattern (`targets/*.json`)."""
    refresh_interval: Duration = 300.0


class HttpSdConfig(Access):
    url: Url
    refresh_interval: Duration = 60.0


class ScrapeConfig(Access):
    job_name: Annotated[str, Field(min_length=1, max_length=200)]
    scrape_interval: Duration = 60.0
    scrape_timeout: Duration | None = None
    """Ten seconds, or the interval where that is shorter."""
    metrics_path: Annotated[str, Field(max_length=2000)] = "/metrics"
    scheme: Literal["http", "https"] = "http"
    params: dict[Label, tuple[Annotated[str, Field(max_length=4096)], ...]] = Field(default_factory=dict)
    honor_labels: bool = False
    honor_timestamps: bool = True
    track_timestamps_staleness: bool = False
    enable_compression: bool = True
    static_configs: tuple[StaticConfig, ...] = Field(default=(), max_length=1000)
    file_sd_configs: tuple[FileSdConfig, ...] = Field(default=(), max_length=100)
    http_sd_configs: tuple[HttpSdConfig, ...] = Field(default=(), max_length=100)
    relabel_configs: tuple[RelabelConfig, ...] = Field(default=(), max_length=200)
    metric_relabel_configs: tuple[RelabelConfig, ...] = Field(default=(), max_length=200)
    body_size_limit: Size = 0
    sample_limit: Count = 0
    label_limit: Count = 0
    label_name_length_limit: Count = 0
    label_value_length_limit: Count = 0
    target_limit: Count = 0

    @property
    def timeout_seconds(self) -> float:
        return self.scrape_timeout if self.scrape_timeout is not None else min(10.0, self.scrape_interval)

    @model_validator(mode="after")
    def _times(self) -> "ScrapeConfig":
        if self.scrape_interval < INTERVAL_SECONDS_MIN:
            raise ValueError("expected a scrape_interval of at least 100ms")
        if not 0 < self.timeout_seconds <= self.scrape_interval:
            raise ValueError("expected a scrape_timeout above 0 and at most the scrape_interval")
        return self


ScrapeConfigs = tuple[ScrapeConfig, ...]


def _check(configs: ScrapeConfigs, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, config in enumerate(configs):
        if first.setdefault(config.job_name, index) != index:
            yield (index, "job_name"), f"job_name={config.job_name}: expected a name that no other job has"


def _files(configs: ScrapeConfigs) -> Iterable[str]:
    return [name for config in configs for files in config.file_sd_configs for name in files.files]


SECTION: Section[ScrapeConfigs] = Section(
    name="scrape_configs",
    help="The /metrics pages that Midwatch scrapes, in Prometheus's own syntax.",
    type=Annotated[ScrapeConfigs, Field(max_length=1000)],
    empty=tuple,
    check=_check,
    files=_files,
    example="""scrape_configs:
  - job_name: shop
    scrape_interval: 15s
    static_configs:
      - targets: ["127.0.0.1:8000"]
        labels: {env: production}
    metric_relabel_configs:
      - {source_labels: [__name__], regex: "python_gc_.*", action: drop}
  - job_name: nodes
    scheme: https
    authorization: {credentials_file: secrets/nodes}
    file_sd_configs:
      - files: ["targets/*.json"]
""",
)
