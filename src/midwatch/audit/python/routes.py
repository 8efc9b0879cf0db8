"""Request handlers, health endpoints and central error handlers."""

import ast
from collections.abc import Iterator

from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import ERROR_HANDLER, HEALTH, ROUTE, SERVER
from midwatch.audit.python.module import Function, Module, text_of
from midwatch.audit.words import DEPENDENCY_CALL, HEALTH_PATH

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "route", "api_route", "head", "options"})
_PATHS = (
    "django.urls.path",
    "django.urls.re_path",
    "django.conf.urls.url",
    "starlette.routing.Route",
    "starlette.routing.Mount",
)
_HEALTH_APPS = ("health_check", "django_healthchecks", "watchman", "healthcheck", "flask_healthz", "fastapi_health")
_OF_MIDWATCH = ("midwatch.health", "midwatch.worker_health", "midwatch.HealthAsgi", "midwatch.HealthWsgi")
_APPS = (
    "fastapi.FastAPI",
    "flask.Flask",
    "starlette.applications.Starlette",
    "aiohttp.web.Application",
    "sanic.Sanic",
    "quart.Quart",
    "litestar.Litestar",
    "django.core.wsgi.get_wsgi_application",
    "django.core.asgi.get_asgi_application",
)


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    for function, decorator, _ in module.decorated:
        yield from _decorated(module, function, decorator)
    for call in module.all(ast.Call):
        name = module.dotted(call.func)
        path = text_of(call.args[0]) if call.args else None
        if name in _APPS:
            yield module.fact(SERVER, name, call)
        elif name in _OF_MIDWATCH:
            yield module.fact(HEALTH, name, call, len(call.args) > 1 or bool(call.keywords))
        elif (
            name in _PATHS
            or name.endswith((".add_url_rule", ".add_route", ".add_api_route", ".add_get", "add_resource"))
        ) and path is not None:
            yield module.fact(ROUTE, path, call)
            if _is_health(path):
                yield module.fact(HEALTH, path, call, _checks_by_name(module, call))
        elif name.endswith(("add_exception_handler", "register_error_handler")):
            yield module.fact(ERROR_HANDLER, name.rpartition(".")[2], call)
    for name, line in module.imported.items():
        if name.startswith(_HEALTH_APPS):
            yield module.fact(HEALTH, name, line, True)
    for constant in module.all(ast.Constant):
        if (
            isinstance(constant.value, str)
            and constant.value.split(".")[0] in _HEALTH_APPS
            and "settings" in module.name
        ):
            yield module.fact(HEALTH, constant.value, constant, True)
    for assigned in module.all(ast.Assign):
        names = [one.id for one in assigned.targets if isinstance(one, ast.Name)]
        if "handler500" in names or "EXCEPTION_HANDLER" in names:
            yield module.fact(ERROR_HANDLER, names[0], assigned)


def _decorated(module: Module, function: Function, decorator: ast.expr) -> Iterator[Fact]:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return
    word = decorator.func.attr
    if word in ("exception_handler", "errorhandler", "app_errorhandler"):
        yield module.fact(ERROR_HANDLER, word, decorator)
    path = (
        text_of(decorator.args[0])
        if decorator.args
        else text_of(next((one.value for one in decorator.keywords if one.arg == "path"), None))
    )
    if word in _METHODS and path is not None and (path == "" or path.startswith("/")):
        yield module.fact(
            ROUTE,
            f"{word.upper()} {path}",
            function,
            any(isinstance(one, ast.Try) for one in ast.walk(function)) or None,
        )
        if _is_health(path):
            yield module.fact(HEALTH, path, function, _checks(module, function))


def _is_health(path: str) -> bool:
    return HEALTH_PATH.match(path.lstrip("^")) is not None


def _checks(module: Module, function: Function) -> bool:
    """It asks something: calls what sounds like a dependency, or takes one as an argument."""
    called = [module.dotted(one.func) for line in function.body for one in ast.walk(line) if isinstance(one, ast.Call)]
    taken = [one.arg for one in [*function.args.args, *function.args.kwonlyargs]]
    return any(DEPENDENCY_CALL.search(one) for one in [*called, *taken])


def _checks_by_name(module: Module, call: ast.Call) -> bool | None:
    """Of a view in the same file; None where it stands elsewhere."""
    view = module.dotted(call.args[1]) if len(call.args) > 1 else ""
    function = next((one for one in module.functions if one.name == view), None)
    return _checks(module, function) if function else None
