"""The rules in force: the plan's section `errors`, as the digest takes it."""

from collections.abc import Callable
from dataclasses import replace

from midwatch.contract.plan.sections.errors import Errors, Tell
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.issues.rules import ErrorRules, Filters, FingerprintRule, Limits, SeverityRule


class PlannedRules:
    """Holds them; an effect of the plan."""

    def __init__(self, privacy: Callable[[], PrivacyPolicy]) -> None:
        """`privacy`: what is private now."""
        self._privacy = privacy
        self._rules = ErrorRules()
        self.tell = Tell()

    @property
    def in_force(self) -> ErrorRules:
        return replace(self._rules, privacy=self._privacy())

    def put(self, errors: Errors) -> None:
        self._rules, self.tell = rules_of(errors), errors.tell


def rules_of(errors: Errors) -> ErrorRules:
    inbound, limits = errors.inbound, errors.limits
    return ErrorRules(
        grouping=errors.grouping,
        fingerprints=tuple(
            FingerprintRule(tuple(one.match.items()), one.fingerprint, one.title) for one in errors.fingerprints
        ),
        categories=tuple(one.rule for one in errors.categories),
        severities=tuple(SeverityRule(tuple(one.match.items()), one.severity) for one in errors.severities),
        sampling={str(severity): share for severity, share in errors.sampling.items()},
        filters=Filters(
            inbound.browser_extensions,
            inbound.crawlers,
            inbound.localhost,
            inbound.releases,
            inbound.messages,
            tuple(tuple(match.items()) for match in inbound.ignore),
        ),
        limits=Limits(limits.per_issue, limits.per_key, limits.spike),
    )
