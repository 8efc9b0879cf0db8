"""`webex_configs`: Alertmanager's keys; the bot's token is in `http_config.authorization`."""

from typing import Annotated

from pydantic import Field, model_validator

from midwatch.server.notify.http_config import ChannelConfig, Template, Url


class WebexConfig(ChannelConfig):
    api_url: Url = ""
    room_id: Annotated[str, Field(min_length=1, max_length=2000)]
    message: Template = '{{ template "webex.default.message" . }}'

    @model_validator(mode="after")
    def _authorized(self) -> "WebexConfig":
        if self.http_config is None or self.http_config.authorization is None:
            raise ValueError("expected http_config.authorization with the bot's token")
        return self
