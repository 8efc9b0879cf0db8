"""`sns_configs`: Alertmanager's keys, but for profiles and roles."""

from typing import Annotated

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Model
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of

ATTRIBUTES_MAX = 50


class SigV4(Model):
    """Keys of AWS; without any, those of the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`)."""

    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    """Without one, that of the ARN or of the environment (`AWS_REGION`)."""
    access_key: Short = ""
    secret_key: Secret = ""
    secret_key_file: FilePath = ""
    profile: Short = ""
    role_arn: Short = ""
    external_id: Short = ""

    @model_validator(mode="after")
    def _sensible(self) -> "SigV4":
        one_of(self, "secret_key", "secret_key_file")
        if bool(self.access_key) != bool(self.secret_key or self.secret_key_file):
            raise ValueError("expected both access_key and secret_key, or neither")
        if self.profile or self.role_arn or self.external_id:
            raise ValueError("expected access_key and secret_key: profiles and roles of AWS are not used")
        return self


class SnsConfig(ChannelConfig):
    api_url: Url = ""
    sigv4: SigV4 = SigV4()
    topic_arn: Template = ""
    target_arn: Template = ""
    phone_number: Template = ""
    subject: Template = '{{ template "sns.default.subject" . }}'
    message: Template = '{{ template "sns.default.message" . }}'
    attributes: dict[Template, Template] = Field(default_factory=dict, max_length=ATTRIBUTES_MAX)
    use_aws_http_client: bool = False
    """Taken and left alone: certificates are in `http_config.tls_config`."""

    @model_validator(mode="after")
    def _one_target(self) -> "SnsConfig":
        one_of(self, "topic_arn", "target_arn", "phone_number", needed=True)
        return self
