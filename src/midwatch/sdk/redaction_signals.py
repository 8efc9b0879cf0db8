"""The redactors of each signal: a plan's rules may hold for some signals only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.contract.privacy import REMOVED
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.contract.redaction.values import Redactor
from midwatch.sdk.problems import PROBLEMS

NO_KEY = "privacy: rules ask for hashes and there is no key: these values are removed; set MIDWATCH_PRIVACY_KEY"


@dataclass(frozen=True, slots=True)
class Redactors:
    policy: PrivacyPolicy
    logs: Redactor
    """Of lines, events and errors."""
    traces: Redactor
    metrics: Redactor

    @classmethod
    def of(cls, policy: PrivacyPolicy, service: str) -> "Redactors":
        made = (Redactor(policy, signal=signal, service=service) for signal in ("logs", "traces", "metrics"))
        return cls(policy, *made)

    def resource(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """What is told of the process; a rule that holds for any signal holds here."""
        told: dict[str, Any] = dict(attributes)
        for redactor in (self.logs, self.traces, self.metrics):
            cleaned = {redactor.key(key): redactor.value(key, value) for key, value in told.items()}
            told = {key: value for key, value in cleaned.items() if value is not LEFT_OUT}
        return told


_in_force = Redactors.of(PrivacyPolicy(), "")


def in_force() -> Redactors:
    """For what has none handed to it: labels of metrics, baggage, and the helpers that apps call."""
    return _in_force


def put_in_force(policy: PrivacyPolicy, service: str) -> Redactors:
    global _in_force  # noqa: PLW0603 - one per process, as what else `init` sets up
    _in_force = Redactors.of(policy, service)
    if policy.wants_key:
        PROBLEMS.say(NO_KEY)
    return _in_force


def label_of(name: str, value: Any) -> str:
    """The value of a metric's label as it may be seen; nothing for one that is left out."""
    cleaned = _in_force.metrics.value(name, safe_text(value))
    # Half a surrogate pair would break the exposition of all metrics.
    return "" if cleaned is LEFT_OUT else safe_text(cleaned).encode("utf-8", "replace").decode()


def sent_label(name: str, value: str) -> str:
    """The same where it is sent: of labels that were made before `init`, and of those that others made."""
    clean = _in_force.metrics
    return REMOVED if value and clean.private(name) else clean.text(value)


def may_be_carried(name: str, value: str) -> bool:
    """Whether nothing private is in a pair of baggage."""
    clean = _in_force.traces
    return clean.key(name) == name and clean.value(name, value) == value


def looks_private(text: str) -> bool:
    return _in_force.logs.text(text) != text
