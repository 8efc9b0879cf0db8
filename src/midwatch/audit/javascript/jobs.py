"""Schedules, queues and timers."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.finding import NODE, Fact, Finding
from midwatch.audit.inventory import JOB, JOB_FAILURES, SCHEDULE
from midwatch.audit.javascript.module import Module
from midwatch.audit.words import HEARTBEAT

_SCHEDULED = re.compile(
    r"^(?:\w*[cC]ron\w*\.schedule|schedule\.scheduleJob|scheduleJob|new CronJob|CronJob\.from|new Cron|Cron|agenda\.every)$"
)
_QUEUES = ("bullmq", "bull", "bee-queue", "pg-boss", "agenda", "graphile-worker")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.side != NODE or module.kind != "app":
        return
    queues = any(one in module.imported for one in _QUEUES)
    for call in [*module.calls, *module.nodes.get("new", ())]:
        name = module.called(call)
        full = name if call.type == "call_expression" else f"new {name}"
        if _SCHEDULED.match(full) and not _does_nothing(module, call):
            yield module.fact(SCHEDULE, full, call, _watched(module, call))
        elif name == "setInterval" and not module.in_function(call):
            yield module.fact(SCHEDULE, "setInterval", call, _watched(module, call))
        elif queues and (full == "new Worker" or name.endswith((".process", ".work", ".define"))):
            yield module.fact(
                JOB, module.string(module.argument(call, 0)) or full, call, "attempts" in module.text or None
            )
        elif queues and name.endswith(".on") and module.string(module.argument(call, 0)) in ("failed", "fail", "error"):
            yield module.fact(JOB_FAILURES, "failed", call)


def _does_nothing(module: Module, call: Node) -> bool:
    """It only tries whether a text is a schedule."""
    return any(re.fullmatch(r"\(\)\s*=>\s*\{\s*\}", module.said(one)) for one in module.arguments(call))


def _watched(module: Module, call: Node) -> bool:
    if HEARTBEAT.search(module.said(call)):
        return True
    names = {module.said(one) for one in module.arguments(call) if one.type == "identifier"}
    for function in module.nodes.get("function", ()):
        if module.said(function.child_by_field_name("name")) in names and HEARTBEAT.search(module.said(function)):
            return True
    return False
