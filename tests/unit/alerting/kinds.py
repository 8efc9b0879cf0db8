"""Kinds of receivers for tests: small models where the room that delivers has its own."""

from midwatch.contract.plan.section import Model
from midwatch.server.alerting.config.read import read_configuration
from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.oncall.kinds import ON_CALL_KINDS


class Hook(Model):
    url: str = ""
    send_resolved: bool = True


class Slack(Model):
    channel: str = ""
    api_url: str = ""
    send_resolved: bool = False


class PagerDuty(Model):
    routing_key: str = ""
    service_key: str = ""
    service_key_file: str = ""
    severity: str = "error"
    send_resolved: bool = True


KINDS = {**ON_CALL_KINDS, "webhook": Hook, "slack": Slack, "pagerduty": PagerDuty}


def configured(text: str) -> Configuration:
    """The configuration of a text that is right."""
    configuration, problems = read_configuration(text, KINDS)
    assert configuration is not None, problems
    assert not problems, problems
    return configuration
