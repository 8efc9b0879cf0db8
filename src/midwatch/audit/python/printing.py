"""print() where a logger belongs, and log calls as they are counted."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import PRINT_AS_LOG
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import LOG_CALL, PRINT
from midwatch.audit.python.log_messages import is_constant
from midwatch.audit.python.module import Module, keyword
from midwatch.audit.words import LOGGER_FILE

_PRINTS = ("print", "pprint.pprint", "traceback.print_exc", "traceback.print_exception", "traceback.print_stack")


def look(module: Module) -> Iterator[Finding | Fact]:
    for one in module.log_calls:
        yield module.fact(LOG_CALL, one.level, one.call, is_constant(one.call, one.level))
    for call in module.all(ast.Call):
        name = module.dotted(call.func)
        if name not in _PRINTS:
            continue
        yield module.fact(PRINT, name, call)
        if (
            not module.is_command
            and not module.in_main_guard(call)
            and not _into_a_file(module, call)
            and not LOGGER_FILE.search(module.name)
        ):
            yield module.finding(PRINT_AS_LOG, call, f"{name}() in code of the service")


def _into_a_file(module: Module, call: ast.Call) -> bool:
    file = keyword(call, "file")
    return file is not None and module.dotted(file) not in ("sys.stderr", "sys.stdout")
