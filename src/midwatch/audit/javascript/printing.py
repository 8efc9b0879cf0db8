"""The console where a logger belongs, and log calls as they are counted."""

from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import PRINT_AS_LOG
from midwatch.audit.finding import BROWSER, Fact, Finding
from midwatch.audit.inventory import CONSOLE_DEV, LOG_CALL, PRINT
from midwatch.audit.javascript.log_messages import is_constant
from midwatch.audit.javascript.module import Module
from midwatch.audit.words import LOGGER_FILE, LOGGER_MADE

_MADE = frozenset({"class_declaration", "function_declaration", "method_definition", "variable_declarator"})


def look(module: Module) -> Iterator[Finding | Fact]:
    for one in module.log_calls:
        if one.logger != "console":
            yield module.fact(LOG_CALL, one.level, one.call, is_constant(module, one.call))
        elif module.in_development_only(one.call):
            yield module.fact(CONSOLE_DEV, f"console.{one.level}", one.call)
        else:
            yield module.fact(PRINT, f"console.{one.level}", one.call)
            if not module.is_command and module.kind != "test" and not _is_the_logger(module, one.call):
                where = "the browser: nobody but the user sees it" if module.side == BROWSER else "code of the service"
                yield module.finding(
                    PRINT_AS_LOG,
                    one.call,
                    f"console.{one.level}() in {where}",
                    "low" if module.side == BROWSER else "medium",
                )


def _is_the_logger(module: Module, call: Node) -> bool:
    if LOGGER_FILE.search(module.name):
        return True
    for one in module.above(call):
        name = module.said(one.child_by_field_name("name")) if one.type in _MADE else ""
        if name and LOGGER_MADE.match(name):
            return True
    return False
