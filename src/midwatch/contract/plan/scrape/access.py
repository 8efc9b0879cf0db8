"""How others are reached: secrets and TLS, as Prometheus's HTTP client configuration has them."""

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, model_validator

from midwatch.contract.plan.section import Model

MASK = "<secret>"
Secret = Annotated[str, Field(max_length=8192), PlainSerializer(lambda text: MASK if text else "", return_type=str)]
"""Never told again: not by the API, not in differences."""
SECRET_KEYS = frozenset({"password", "credentials"})
SECRET_MAPS = frozenset({"headers"})
"""Mappings of which every value is a secret."""
FilePath = Annotated[str, Field(max_length=1000)]
"""Of a file below the plan's directory or one of `--scrape-files`; relative to the former."""


class BasicAuth(Model):
    username: Annotated[str, Field(max_length=1000)] = ""
    password: Secret = ""
    password_file: FilePath = ""

    @model_validator(mode="after")
    def _one_password(self) -> "BasicAuth":
        if self.password and self.password_file:
            raise ValueError("expected password or password_file, not both")
        return self


class Authorization(Model):
    type: Annotated[str, Field(max_length=100)] = "Bearer"
    credentials: Secret = ""
    credentials_file: FilePath = ""

    @model_validator(mode="after")
    def _one_secret(self) -> "Authorization":
        if self.type.strip().lower() == "basic":
            raise ValueError("expected another type than Basic; use basic_auth")
        if self.credentials and self.credentials_file:
            raise ValueError("expected credentials or credentials_file, not both")
        return self


class TlsConfig(Model):
    ca: Annotated[str, Field(max_length=200_000)] = ""
    ca_file: FilePath = ""
    cert_file: FilePath = ""
    key_file: FilePath = ""
    server_name: Annotated[str, Field(max_length=255)] = ""
    insecure_skip_verify: bool = False
    min_version: Literal["", "TLS12", "TLS13"] = ""

    @model_validator(mode="after")
    def _pairs(self) -> "TlsConfig":
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError("expected cert_file and key_file together")
        if self.ca and self.ca_file:
            raise ValueError("expected ca or ca_file, not both")
        return self


class Credentials(Model):
    """What whoever is reached wants to see."""

    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    tls_config: TlsConfig = TlsConfig()

    @model_validator(mode="after")
    def _one_way(self) -> "Credentials":
        if self.basic_auth and self.authorization:
            raise ValueError("expected basic_auth or authorization, not both")
        return self


class Access(Credentials):
    """What scraping and HTTP service discovery have in common."""

    follow_redirects: bool = True
