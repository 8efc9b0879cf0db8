"""What is imported, what it is for; React trees and their error boundaries."""

import re
from collections.abc import Iterator

from midwatch.audit.finding import BROWSER, Fact, Finding
from midwatch.audit.inventory import AUDIT_LOG, BOUNDARY, LIBRARY, RETRY, TREE
from midwatch.audit.javascript.module import Module
from midwatch.audit.libraries import BOUNDARY as BOUNDARY_ROLE
from midwatch.audit.libraries import CACHE, DATABASE, QUEUE, WEB, javascript_roles
from midwatch.audit.libraries import RETRY as RETRY_ROLE
from midwatch.audit.words import AUDIT_LOG as AUDIT_LOG_NAME

_OF_SERVERS = frozenset({DATABASE, CACHE, WEB, QUEUE})
"""What a page imports of these are types."""
_NEXT_BOUNDARY = re.compile(r"(?:^|/)app/(?:.*/)?(?:global-)?error\.[jt]sx?$")
_BOUNDARY = re.compile(
    r"componentDidCatch|getDerivedStateFromError|<(?:Sentry\.)?ErrorBoundary\b|withErrorBoundary|errorElement|ErrorBoundary:|\berrorComponent\b|defaultErrorComponent|export function ErrorBoundary"
)
_ROOT = re.compile(r"createRoot\(|hydrateRoot\(|ReactDOM\.render\(")
_NEXT_ROOT = re.compile(r"(?:^|/)app/(?:\[[^\]]+\]/|\([^)]+\)/)*layout\.[jt]sx$|(?:^|/)pages/_app\.[jt]sx$")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    seen: set[str] = set()
    for imported, line in module.imported.items():
        name, roles = javascript_roles(imported)
        if roles and name not in seen and not (module.side == BROWSER and _OF_SERVERS & set(roles)):
            seen.add(name)
            for role in roles:
                yield module.fact(LIBRARY, f"{name}: {role}", line)
                if role == RETRY_ROLE:
                    yield module.fact(RETRY, name, line)
                elif role == BOUNDARY_ROLE:
                    yield module.fact(BOUNDARY, name, line)
    if _NEXT_BOUNDARY.search(module.name):
        yield module.fact(BOUNDARY, module.name.rpartition("/")[2], 1)
    if found := _BOUNDARY.search(module.text):
        yield module.fact(BOUNDARY, found[0].strip("<:"), _line(module, found))
    if found := _ROOT.search(module.text):
        yield module.fact(TREE, found[0].rstrip("("), _line(module, found))
    elif _NEXT_ROOT.search(module.name):
        yield module.fact(TREE, module.name.rpartition("/")[2], 1)
    for node in [*module.nodes.get("function", ()), *module.nodes.get("variable", ()), *module.nodes.get("class", ())]:
        name = module.said(node.child_by_field_name("name"))
        if AUDIT_LOG_NAME.search(name):
            yield module.fact(AUDIT_LOG, name, node)


def _line(module: Module, found: re.Match[str]) -> int:
    return module.text.count("\n", 0, found.start()) + 1
