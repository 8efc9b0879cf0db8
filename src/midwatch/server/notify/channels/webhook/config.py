"""`webhook_configs`: Alertmanager's keys, with `secret` for a signature and `recovery` for a hook that mends."""

from typing import Any

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Duration
from midwatch.server.notify.http_config import ChannelConfig, SecretUrl, one_of

ALERTS_MAX = 1_000_000
SECONDS_MAX = 300.0


class WebhookConfig(ChannelConfig):
    url: SecretUrl = ""
    """May have `{{ … }}` in it."""
    url_file: FilePath = ""
    max_alerts: int = Field(default=0, ge=0, le=ALERTS_MAX)
    """0: all."""
    timeout: Duration = 0.0
    """0: ten seconds."""
    payload: Any = None
    """Sent instead of Alertmanager's: any YAML, its texts rendered."""
    secret: Secret = ""
    """Signs the body (Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`)."""
    secret_file: FilePath = ""
    recovery: bool = False
    """A hook that tries to mend what the alert tells of: called once when alerts begin to fire, never for resolved
    ones, and not again after it failed: then MidwatchRecoveryFailed fires, with the labels of what it should mend."""

    @model_validator(mode="after")
    def _sensible(self) -> "WebhookConfig":
        one_of(self, "url", "url_file", needed=True)
        one_of(self, "secret", "secret_file")
        if self.timeout > SECONDS_MAX:
            raise ValueError("expected a timeout of at most 5m")
        return self
