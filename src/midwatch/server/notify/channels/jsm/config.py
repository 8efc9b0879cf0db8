"""`jsm_configs`: Jira Service Management, by the key of an API integration of its operations."""

from pydantic import model_validator

from midwatch.server.notify.channels.opsgenie.config import OpsgenieConfig
from midwatch.server.notify.http_config import one_of


class JsmConfig(OpsgenieConfig):
    """Opsgenie's keys: whoever moves over changes the name of the list and the API key."""

    @model_validator(mode="after")
    def _its_own_key(self) -> "JsmConfig":
        one_of(self, "api_key", "api_key_file", needed=True)
        return self
