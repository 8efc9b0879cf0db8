"""What an answer must be like, checked: pure, each with the words in which it is told."""

import ipaddress
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jsonpath
import re2  # type: ignore[import-untyped]

from midwatch.contract.plan.probes.expect import Expect, HttpExpect, JsonExpect, TlsExpect
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason

QUOTED_CHARACTERS = 120
NODES_MAX = 10_000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_PATHS = jsonpath.JSONPathEnvironment(strict=True)


@lru_cache(maxsize=4096)
def pattern(text: str) -> Any:
    """Raises re2.error."""
    return re2.compile(text, _OPTIONS)


@lru_cache(maxsize=4096)
def path(text: str) -> Any:
    """Raises jsonpath.JSONPathError."""
    return _PATHS.compile(text)


def check_shared(expect: Expect, attempt: Attempt, seconds: float) -> None:
    """
    Raises:
        ProbeFailed: addresses, latency or the certificate's days are not as expected.
    """
    networks = [ipaddress.ip_network(one) for one in expect.resolves_to]
    for text in attempt.addresses if networks else ():
        address = ipaddress.ip_address(text.partition("%")[0])
        if not any(address.version == one.version and address in one for one in networks):
            raise ProbeFailed(
                Reason.ADDRESS, f"the host has the address {text}; expected {', '.join(expect.resolves_to)}"
            )
    if expect.latency_below is not None and seconds >= expect.latency_below:
        raise ProbeFailed(Reason.LATENCY, f"it took {seconds:.3f} s; expected below {expect.latency_below:g} s")
    if isinstance(expect, TlsExpect) and expect.certificate_valid_for is not None:
        end = attempt.values.get("probe_ssl_earliest_cert_expiry")
        if end is None:
            raise ProbeFailed(Reason.EXPIRY, "there is no certificate; expected TLS")
        left = end - attempt.began_ns / 1e9
        if left < expect.certificate_valid_for:
            days, wanted = left / 86_400, expect.certificate_valid_for / 86_400
            raise ProbeFailed(
                Reason.EXPIRY, f"the certificate is valid for {days:.1f} d; expected at least {wanted:g} d"
            )


def status_fits(status: int, expected: Sequence[int | str]) -> bool:
    return any(str(one) in (str(status), f"{status // 100}xx") for one in expected)


def check_text(text: str, wanted: str | None, *, what: str, reason: Reason = Reason.ANSWER) -> None:
    """Raises ProbeFailed."""
    if wanted is not None and not pattern(wanted).search(text):
        raise ProbeFailed(reason, f"{what} is {_quoted(text)}; expected a match of {wanted}")


def check_body(expect: HttpExpect, body: str) -> None:
    """In a thread: bodies may be long. Raises ProbeFailed."""
    for part in expect.body_contains:
        if part not in body:
            raise ProbeFailed(Reason.BODY, f"the body lacks {_quoted(part)}: it begins {_quoted(body)}")
    for part in expect.body_lacks:
        if part in body:
            raise ProbeFailed(Reason.BODY, f"the body has {_quoted(part)}, which it should lack")
    check_text(body, expect.body_matches, what="the body", reason=Reason.BODY)
    if expect.json_:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ProbeFailed(Reason.JSON, f"the body is no JSON: {error}; it begins {_quoted(body)}") from None
        for one in expect.json_:
            _check_json(one, value)


def _check_json(expect: JsonExpect, value: Any) -> None:
    try:
        found = []
        for node in path(expect.path).finditer(value):
            found.append(node.obj)
            if len(found) > NODES_MAX:
                raise ProbeFailed(Reason.JSON, f"{expect.path} finds more than {NODES_MAX:,} values")
    except (jsonpath.JSONPathError, RecursionError) as error:
        raise ProbeFailed(Reason.JSON, f"{expect.path}: {error}") from None
    if not found:
        raise ProbeFailed(Reason.JSON, f"{expect.path} finds nothing")
    for one in found:
        if expect.says_equal and not _same(one, expect.equals):
            raise ProbeFailed(Reason.JSON, f"{expect.path} is {_json(one)}; expected {_json(expect.equals)}")
        if expect.matches is not None:
            text = one if isinstance(one, str) else _json(one)
            check_text(text, expect.matches, what=expect.path, reason=Reason.JSON)
        for limit, above in ((expect.at_least, False), (expect.at_most, True)):
            if limit is None:
                continue
            number = one if isinstance(one, int | float) and not isinstance(one, bool) else None
            if number is None or (number > limit if above else number < limit):
                words = "at most" if above else "at least"
                raise ProbeFailed(Reason.JSON, f"{expect.path} is {_json(one)}; expected {words} {limit:g}")


def _same(found: Any, expected: Any) -> bool:
    """As JSON has it: true is no 1."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(expected, tuple | list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(_same(found[key], expected[key]) for key in found)
    return bool(found == expected)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= QUOTED_CHARACTERS else text[:QUOTED_CHARACTERS] + "…"


def _quoted(text: str) -> str:
    cut = text[:QUOTED_CHARACTERS].replace("\n", "⏎")
    return f"“{cut}{'…' if len(text) > QUOTED_CHARACTERS else ''}”"
