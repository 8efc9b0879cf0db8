"""The rules that hold now: the plan's, with the key that hashes."""

from dataclasses import replace

from midwatch.contract.plan.sections.privacy import Privacy
from midwatch.contract.privacy import deny_pattern
from midwatch.contract.privacy_hashing import HashKey, HashKeys
from midwatch.contract.privacy_rules import KeptShorter, PrivacyPolicy
from midwatch.contract.redaction import quick_look
from midwatch.server.model.privacy import NEVER, Looks


class PrivacyInForce:
    """Of one server; read anew for every segment."""

    def __init__(self, keys: HashKeys | None, ids: HashKey) -> None:
        """`ids`: the key by which ids stay told apart where there are none."""
        self._keys, self._ids = keys, ids
        self.policy = PrivacyPolicy()
        self.looks = Looks()
        self.kept_shorter: tuple[KeptShorter, ...] = ()
        self.put(Privacy())

    def put(self, section: Privacy) -> None:
        self.kept_shorter = section.kept_shorter
        self.is_on = section.at_the_server
        policy = section.policy(keys=self._keys, statements=False) if self.is_on else _NOTHING
        self.policy = replace(policy, ids=self._ids)
        self.looks = looks_of(self.policy) if self.is_on else Looks()

    @property
    def pattern(self) -> str:
        """Of the keys whose values are removed."""
        return deny_pattern(self.policy.deny)


_NOTHING = PrivacyPolicy(deny=(), messages=(), phones=(), is_on=False)


def looks_of(policy: PrivacyPolicy) -> Looks:
    """What the store tells suspicious rows by."""
    ruled = "|".join(f"(?:{rule.pattern()})" for rule in policy.rules) or NEVER
    return Looks(quick_look.looks(policy), quick_look.names(policy), quick_look.treated(policy), ruled)
