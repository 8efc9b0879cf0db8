"""What is imported, and what it is for."""

import ast
from collections.abc import Iterator

from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import AUDIT_LOG, LIBRARY, REQUEST_LOG, RETRY
from midwatch.audit.libraries import RETRY as RETRY_ROLE
from midwatch.audit.libraries import python_roles
from midwatch.audit.python.module import Module
from midwatch.audit.words import AUDIT_LOG as AUDIT_LOG_NAME

_DURATION = ("perf_counter", "monotonic", "time.time")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    seen: set[str] = set()
    for imported, line in module.imported.items():
        name, roles = python_roles(imported)
        if roles and name not in seen:
            seen.add(name)
            for role in roles:
                yield module.fact(LIBRARY, f"{name}: {role}", line)
                if role == RETRY_ROLE:
                    yield module.fact(RETRY, name, line)
    for made in (*module.functions, *module.all(ast.ClassDef)):
        if AUDIT_LOG_NAME.search(made.name):
            yield module.fact(AUDIT_LOG, made.name, made)
        if "iddleware" in made.name and module.log_calls and any(word in module.source(made) for word in _DURATION):
            yield module.fact(REQUEST_LOG, made.name, made)
    for function, _, called in module.decorated:
        timed = any(word in module.source(function) for word in _DURATION)
        if called.endswith((".middleware", ".after_request")) and timed and module.log_calls:
            yield module.fact(REQUEST_LOG, function.name, function)
