"""Calls over the network, and their time-outs."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import CALL_WITHOUT_TIMEOUT
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import CALL, RETRY
from midwatch.audit.libraries import MODELS, VENDOR, python_roles
from midwatch.audit.python.module import Module, has_unknown_keywords, keyword

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_WAITS_FOR_EVER = {
    **{f"requests.{verb}": None for verb in _VERBS},
    **{f"requests.api.{verb}": None for verb in _VERBS},
    "urllib.request.urlopen": 2, "urllib.urlopen": 2, "smtplib.SMTP": 3, "smtplib.SMTP_SSL": 5, "http.client.HTTPConnection": 2, "http.client.HTTPSConnection": None,
    "ftplib.FTP": 4, "socket.create_connection": 1, "telnetlib.Telnet": 2,
}  # fmt: skip
"""Name → where its time-out may stand without a name."""
_BOUND = tuple(f"httpx.{name}" for name in (*_VERBS, "stream", "AsyncClient", "Client"))
"""These have a time-out unless it is taken away."""


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    sessions = _sessions(module)
    for call in module.all(ast.Call):
        name = module.dotted(call.func)
        receiver, _, verb = name.rpartition(".")
        if name in _WAITS_FOR_EVER or (
            (receiver in sessions or receiver.endswith("requests.Session()")) and verb in _VERBS
        ):
            bound = _bound(call, _WAITS_FOR_EVER.get(name))
            yield module.fact(CALL, name, call, bound)
            if not bound:
                yield module.finding(
                    CALL_WITHOUT_TIMEOUT, call, f"{name}() waits for ever unless it is given a timeout"
                )
        elif name in _BOUND:
            given = keyword(call, "timeout")
            unbound = isinstance(given, ast.Constant) and given.value is None
            yield module.fact(CALL, name, call, not unbound)
            if unbound:
                yield module.finding(CALL_WITHOUT_TIMEOUT, call, f"{name}() with timeout=None waits for ever")
        elif name == "aiohttp.ClientSession":
            yield module.fact(CALL, name, call, True)
        elif set(python_roles(name)[1]) & {MODELS, VENDOR} and name[:1].islower() and "." in name:
            yield module.fact(CALL, name, call)
        if name.endswith(("HTTPAdapter", "AsyncHTTPTransport", "HTTPTransport")) and (
            keyword(call, "max_retries") or keyword(call, "retries")
        ):
            yield module.fact(RETRY, name, call)


def _bound(call: ast.Call, position: int | None) -> bool:
    given = keyword(call, "timeout")
    if given is not None:
        return not (isinstance(given, ast.Constant) and given.value is None)
    return (
        has_unknown_keywords(call)
        or any(isinstance(one, ast.Starred) for one in call.args)
        or (position is not None and len(call.args) > position)
    )


def _sessions(module: Module) -> frozenset[str]:
    """Names of sessions of requests."""
    made: list[tuple[ast.expr | None, ast.expr | None]] = []
    for _, targets, value in module.assignments:
        made += [(target, value) for target in targets]
    made += [(one.optional_vars, one.context_expr) for one in module.all(ast.withitem)]
    sessions = (
        module.dotted(target)
        for target, value in made
        if isinstance(value, ast.Call) and module.dotted(value.func) in ("requests.Session", "requests.session")
    )
    return frozenset(sessions) - {""}
