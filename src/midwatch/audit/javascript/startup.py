"""Dependencies that are tried at the start, and whose failure is only logged."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import FAILED_START_IGNORED
from midwatch.audit.finding import NODE, Fact, Finding
from midwatch.audit.javascript.handlers import handlers
from midwatch.audit.javascript.module import Module, walk

_STARTS = re.compile(r"\.listen\(|createServer\(")
_CONNECTS = re.compile(
    r"\$connect\(|\.connect\(|\.authenticate\(|\.initialize\(|\.ping\(|SELECT 1|createConnection\(|\.sync\("
)
_ENDS = re.compile(
    r"process\.exit|\bthrow\b|\bexit\(|process\.kill|process\.exitCode|\bretry|setTimeout|\breturn\b|\breject\("
)


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.side != NODE or module.kind == "test" or not _STARTS.search(module.text):
        return
    for handler in handlers(module):
        logs = any(one.type == "call_expression" and module.log_call(one) for one in walk(handler.body))
        if (
            logs
            and _CONNECTS.search(handler.tried)
            and not _ENDS.search(module.said(handler.body))
            and not _STARTS.search(handler.tried)
            and not _serves(module, handler.node)
        ):
            yield module.finding(
                FAILED_START_IGNORED, handler.node, "the failure is logged, and the server starts all the same"
            )


def _serves(module: Module, node: Node) -> bool:
    """It stands in what answers a request or an event, not in what starts."""
    for one in module.above(node):
        if (
            one.type == "arguments"
            and one.parent is not None
            and re.search(r"\.(?:on|once|use|get|post|put|delete|patch|all)$", module.called(one.parent))
        ):
            return True
    return False
