"""The rules in force: the plan's section `errors`, as the digest takes it."""

from midwatch.contract.plan.sections.errors import Errors, Tell
from midwatch.server.issues.rules import ErrorRules, Filters, FingerprintRule, Limits, SeverityRule


class PlannedRules:
    """Holds them; an effect of the plan."""

    def __init__(self) -> None:
        self.in_force = ErrorRules()
        self.tell = Tell()

    def put(self, errors: Errors, deny: str) -> None:
        self.in_force, self.tell = rules_of(errors, deny), errors.tell


def rules_of(errors: Errors, deny: str) -> ErrorRules:
    """`deny`: the pattern of private keys."""
    inbound, limits = errors.inbound, errors.limits
    return ErrorRules(
        grouping=errors.grouping,
        deny=deny,
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
