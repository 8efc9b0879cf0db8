"""Jobs, schedules, endless loops, and tasks that nobody waits for."""

import ast
import re
from collections.abc import Iterator

from midwatch.audit.catalog import TASK_FORGOTTEN
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import JOB, JOB_FAILURES, SCHEDULE, SHUTDOWN, WORKER_LOOP
from midwatch.audit.python.module import Function, Module, is_main_guard, keyword, text_of
from midwatch.audit.words import HEARTBEAT

_TASK = re.compile(
    r"(?:^|\.)(?:shared_task|actor|periodic_task|db_task|db_periodic_task)$|(?:celery|app|celery_app|huey|broker|queue)\.(?:task|periodic_task)$|rq\.(?:decorators\.)?job$"
)
_SCHEDULED = re.compile(
    r"\.(?:scheduled_job|periodic_task|repeat_every|crontab)$|(?:^|\.)(?:periodic_task|db_periodic_task|repeat_every|aiocron\.crontab)$|scheduler\.(?:add|task|cron)$"
)
_SCHEDULING = re.compile(r"(?i)scheduler\w*\.add_job$|\.add_periodic_task$|scheduler\w*\.(?:cron|schedule)$|\.do$")
_RETRIED = ("autoretry_for", "retry_backoff", "max_retries", "retries", "retry", "retry_kwargs")
_FORGET = ("asyncio.create_task", "asyncio.ensure_future")
_BLOCKS = re.compile(r"sleep$|\.(?:get|brpop|blpop|xread|xreadgroup|poll|recv|receive|reserve|pop|listen|wait)$")
_SIGNALS = ("signal.signal", "add_signal_handler")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    for function, decorator, name in module.decorated:
        yield from _decorated(module, function, decorator, name)
    for call in module.all(ast.Call):
        name = module.dotted(call.func)
        if _SCHEDULING.search(name) and (not name.endswith(".do") or "every" in name):
            yield module.fact(SCHEDULE, _named(module, call), call, _watched(module, call))
        elif name.endswith(_SIGNALS):
            yield module.fact(SHUTDOWN, name, call)
        elif name.endswith(("task_failure.connect", "task_failure.connect()")):
            yield module.fact(JOB_FAILURES, "task_failure", call)
        if _forgotten(module, call, name):
            yield module.finding(TASK_FORGOTTEN, call, f"nothing keeps what {name.rpartition('.')[2]}() returns")
    yield from _beat(module)
    yield from _loops(module)


def _decorated(module: Module, function: Function, decorator: ast.expr, name: str) -> Iterator[Fact]:
    if _SCHEDULED.search(name):
        yield module.fact(SCHEDULE, function.name, function, HEARTBEAT.search(_text(module, function)) is not None)
    elif _TASK.search(name):
        retried = isinstance(decorator, ast.Call) and any(keyword(decorator, one) is not None for one in _RETRIED)
        by_itself = name.endswith("actor")  # dramatiq retries unless it is told not to
        yield module.fact(JOB, function.name, function, by_itself or retried or ".retry(" in module.source(function))
    elif name.endswith("task_failure.connect"):
        yield module.fact(JOB_FAILURES, "task_failure", function)


def _forgotten(module: Module, call: ast.Call, name: str) -> bool:
    if (
        name not in _FORGET
        and not name.endswith("loop.create_task")
        and not name.endswith("get_running_loop().create_task")
    ):
        return False
    return isinstance(module.parents.get(call), ast.Expr)


def _beat(module: Module) -> Iterator[Fact]:
    """Entries of Celery's `beat_schedule`."""
    for _, targets, value in module.assignments:
        named = any(module.dotted(one).lower().endswith(("beat_schedule", "beat_schedule[]")) for one in targets)
        if named and isinstance(value, ast.Dict):
            for key, entry in zip(value.keys, value.values, strict=True):
                if isinstance(entry, ast.Dict) and key is not None:
                    yield module.fact(SCHEDULE, text_of(key) or module.dotted(key) or "?", key, False)


def _loops(module: Module) -> Iterator[Fact]:
    """`while True` that waits, in a file that is started by itself."""
    if not any(map(is_main_guard, module.all(ast.If))):
        return
    signals = (
        any(module.dotted(one.func).endswith(_SIGNALS) for one in module.all(ast.Call))
        or "KeyboardInterrupt" in module.text
    )
    for loop in module.all(ast.While):
        endless = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
        if (
            endless
            and not _leaves(loop)
            and any(
                _BLOCKS.search(module.dotted(one.func))
                for line in loop.body
                for one in ast.walk(line)
                if isinstance(one, ast.Call)
            )
        ):
            yield module.fact(WORKER_LOOP, "while True", loop, signals)


def _leaves(loop: ast.While) -> bool:
    return any(isinstance(one, ast.Break | ast.Return) for line in loop.body for one in ast.walk(line))


def _named(module: Module, call: ast.Call) -> str:
    given = keyword(call, "func") or next((one for one in call.args if module.dotted(one)), None)
    return module.dotted(given).rpartition(".")[2].rstrip("()") or module.dotted(call.func)


def _watched(module: Module, call: ast.Call) -> bool:
    job = next((one for one in module.functions if one.name == _named(module, call)), None)
    return HEARTBEAT.search(_text(module, job) if job else module.source(call)) is not None


def _text(module: Module, function: Function) -> str:
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return "\n".join(module.lines[first - 1 : function.end_lineno])
