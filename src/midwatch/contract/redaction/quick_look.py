"""Patterns that tell quickly which texts may hold something private: what `texts` replaces, one of these finds.

They find more, and nothing is done for what they find but to look closer. They are written for engines that run many
patterns at once (Hyperscan, in ClickHouse's `multiMatchAny`): no look-around, no upper bounds that cost states, and no
negated classes of several ranges, which find what they should not there.
"""

import re
from collections.abc import Iterable

from midwatch.contract.privacy import deny_pattern, words
from midwatch.contract.privacy_actions import IP
from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy

_EDGE = r"(?:\b|_)"
_LOOKS = (
    r"[^\s@](?:@|%40)[^\s@]+\.",
    r"eyJ[A-Za-z0-9_-]{4}",
    r"(?i)(?:bearer|basic)(?: +|%20)[A-Za-z0-9._~+/=%-]{8}",
    r"(?i)cookie ?: ?",
    r"(?i)authorization: ?",
    r"-----(?:BEGIN|END) ",
    r"://[^/\s]+@|://[^\s]*:[^\s]*@",
    r"(?:sk|rk)[-_][A-Za-z0-9_-]{8}|pk_(?:live|test)_|gh[a-z]_[A-Za-z0-9]{16}|github_pat_|gl[a-z]{2,5}-[\w-]{16}|xox[a-z]-"
    r"|xapp-|whsec_|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30}|ya29\.|SG\.[\w-]{16}|hf_[A-Za-z0-9]{20}|npm_[A-Za-z0-9]{20}"
    r"|pypi-[\w-]{16}|shp[a-z]{2}_[A-Za-z0-9]{16}|do[opr]_v1_|lin_api_|sbp_[a-z0-9]{16}|dapi[a-f0-9]{32}"
    r"|key-[a-f0-9]{32}|mw[kt]_|\d{8,10}:AA",
    r"hooks\.slack\.com/",
    r"\[parameters: |\)=\(|contains \(|Duplicate entry ",
    r"(?:\+|%2[Bb])\d(?:[ ().-]{0,2}\d){6}",
    rf"{_EDGE}(?:1[ .-]?)?(?:\([2-9][0-8]\d\)[ .-]{{0,2}}|[2-9][0-8]\d[ .-]{{1,2}})\d{{3}}[ .-]\d{{4}}{_EDGE}",
    r"\([2-9][0-8]\d\)[ .-]{0,2}\d{3}[ .-]\d{4}",
    rf"{_EDGE}1?[2-9][0-8]\d[2-9]\d{{6}}{_EDGE}",
    r"(?:^|[\s\x01-,;-@\[-^`{-~]|[^\x01-\x7f])\(?0\d{1,5}\)?(?:[ /.-]{1,2}\(?\d{2,8}\)?)",
    rf"{_EDGE}(?:[2-6]\d{{12,18}}|\d{{4}}[ ._-]{{1,2}}\d{{4}}[ ._-]{{1,2}}\d{{4}}[ ._-]{{1,2}}\d{{1,7}}"
    rf"|\d{{4}}[ ._-]{{1,2}}\d{{6}}[ ._-]{{1,2}}\d{{4,5}}){_EDGE}",
    rf"{_EDGE}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2}}",
    r"\b\d{3}-\d\d-\d{4}\b",
    # Letters and digits as other scripts and fonts write them, and what has no width.
    r"[\x{ad}\x{34f}\x{61c}\x{660}-\x{669}\x{6f0}-\x{6f9}\x{7c0}-\x{7c9}\x{966}-\x{96f}\x{9e6}-\x{9ef}\x{180e}\x{200b}-\x{200f}"
    r"\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{206f}\x{2070}-\x{209c}\x{2460}-\x{24ff}\x{fe50}-\x{fe6f}\x{feff}"
    r"\x{ff01}-\x{ff5e}\x{1d400}-\x{1d7ff}]",
    r"[0-9A-Za-z@.][\x{fe00}-\x{fe0f}]",
    r"\d[\x{a0}\x{2000}-\x{200a}\x{2010}-\x{2015}\x{202f}\x{205f}\x{2212}\x{3000}][(\d]",
    r"\\(?:u[0-9a-fA-F]{4}|x[89a-fA-F])",
)
_HOSTS = (r"\d\.\d{1,3}\.\d{1,3}\.\d", r"[0-9A-Fa-f]:[0-9A-Fa-f:]*:[0-9A-Fa-f]", r"::[0-9A-Fa-f]")
_BEHIND = r"(?:[\\]*[\"']*\s*[:=,]|%3d)"
_REGIONAL = r"\d[ ()/-]{1,2}\d[ ()/-]{0,2}\d[\d ()/-]{3}|\b0\d{6}"
"""Of the team's own region; with one set, dates are looked at closer, too."""


def looks(policy: PrivacyPolicy) -> tuple[str, ...]:
    """Patterns of what private values look like, to search texts with."""
    found = [*_LOOKS, *(re.escape(key.secret.decode()) for key in _keys(policy))]
    if any(rule.look == IP for rule in policy.looks):
        found += _HOSTS
    return (*found, _REGIONAL) if policy.region else tuple(found)


def names(policy: PrivacyPolicy) -> tuple[str, ...]:
    """Patterns of a private name in a text with something behind it."""
    listed = "|".join(r"[ ._-]?".join(words(entry)) for entry in (*policy.deny, *policy.messages, *policy.phones))
    found = [rf"(?i)(?:{listed})[\d\]]*{_BEHIND}", rf"(?i)--[\w-]*(?:{listed})\s"] if listed else []
    return (*found, *(rf"(?i){_last_word(rule)}[\d\]]*{_BEHIND}" for rule in policy.rules))


def treated(policy: PrivacyPolicy) -> str:
    """A regular expression (RE2 and Hyperscan) to search keys with, beside that of the denylist: values under these are
    looked at, however they look."""
    patterns = [deny_pattern((*policy.messages, *policy.phones)), *(rule.pattern() for rule in policy.rules)]
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _keys(policy: PrivacyPolicy) -> Iterable[HashKey]:
    return (policy.keys.current, *policy.keys.older) if policy.keys else ()


def _last_word(rule: FieldRule) -> str:
    """What a name in a text has of a rule's field: `phone` of `user.phone`; any name for a wildcard."""
    return r"[\w.%-]+".join(re.escape(part) for part in rule.keys[-1].split("*"))
