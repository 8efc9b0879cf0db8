"""`incidentio_configs`: Alertmanager's keys."""

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Duration
from midwatch.server.notify.http_config import ChannelConfig, Url, one_of


class IncidentioConfig(ChannelConfig):
    url: Url = ""
    url_file: FilePath = ""
    alert_source_token: Secret = ""
    alert_source_token_file: FilePath = ""
    max_alerts: int = Field(default=0, ge=0, le=1_000_000)
    timeout: Duration = 0.0

    @model_validator(mode="after")
    def _sensible(self) -> "IncidentioConfig":
        one_of(self, "url", "url_file", needed=True)
        one_of(self, "alert_source_token", "alert_source_token_file")
        authorized = self.http_config is not None and self.http_config.authorization is not None
        if authorized == bool(self.alert_source_token or self.alert_source_token_file):
            raise ValueError("expected alert_source_token, alert_source_token_file or http_config.authorization")
        return self
