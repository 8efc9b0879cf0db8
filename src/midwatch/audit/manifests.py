"""What is installed: direct dependencies, and observability libraries that come along with others."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator

from midwatch.audit.finding import NODE, PYTHON, Fact
from midwatch.audit.inventory import DEPENDENCY, LOCKED
from midwatch.audit.libraries import OBSERVING, javascript_roles, python_roles
from midwatch.audit.sources import MANIFEST_BYTES_MAX, Source

_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)", re.MULTILINE)
_IMPORTED_AS = {
    "sentry-sdk": "sentry_sdk", "python-json-logger": "pythonjsonlogger", "prometheus-client": "prometheus_client", "django-prometheus": "django_prometheus",
    "prometheus-fastapi-instrumentator": "prometheus_fastapi_instrumentator", "opentelemetry-api": "opentelemetry", "opentelemetry-sdk": "opentelemetry",
    "opentelemetry-distro": "opentelemetry", "elastic-apm": "elasticapm", "django-structlog": "django_structlog", "json-log-formatter": "json_log_formatter", "ecs-logging": "ecs_logging",
}  # fmt: skip
_LOCKED_NAME = re.compile(
    r"(?:^|[\s\"'/])((?:@sentry|@opentelemetry)/[\w.-]+|sentry-sdk|opentelemetry-(?:api|sdk)|prom-client|prometheus-client|pino|winston)(?=[\"'@:\s/]|$)",
    re.MULTILINE,
)


def read(sources: Iterable[Source]) -> Iterator[Fact]:
    """Broken and huge ones are passed over: they are the package manager's to complain of."""
    for source in sources:
        try:
            if source.path.is_symlink() or source.path.stat().st_size > MANIFEST_BYTES_MAX:
                continue
            text = source.path.read_text("utf-8")
            yield from _facts(source.path.name, source.name, text)
        except (OSError, ValueError, RecursionError):
            continue


def _facts(kind: str, name: str, text: str) -> Iterator[Fact]:
    if kind == "package.json":
        document = json.loads(text)
        for section in (
            ("dependencies", "devDependencies", "optionalDependencies") if isinstance(document, dict) else ()
        ):
            entries = document.get(section)
            for package in entries if isinstance(entries, dict) else ():
                known, roles = javascript_roles(package)
                if OBSERVING & set(roles):
                    yield Fact(DEPENDENCY, known, NODE, name, _line(text, f'"{package}"'))
    elif kind.endswith((".lock", "-lock.json", "-lock.yaml")):
        python = kind in ("poetry.lock", "uv.lock", "Pipfile.lock")
        seen = set()
        for match in _LOCKED_NAME.finditer(text):
            if match[1] not in seen:
                seen.add(match[1])
                yield Fact(LOCKED, match[1], PYTHON if python else NODE, name, text.count("\n", 0, match.start(1)) + 1)
    else:
        for package in _python_packages(kind, text):
            known, roles = python_roles(_IMPORTED_AS.get(package, package.replace("-", "_")))
            if OBSERVING & set(roles):
                yield Fact(DEPENDENCY, known, PYTHON, name, _line(text, package))


def _python_packages(kind: str, text: str) -> set[str]:
    if kind not in ("pyproject.toml", "Pipfile"):
        return {one.lower() for one in _REQUIREMENT.findall(text)}
    document = tomllib.loads(text)
    project = document.get("project", {})
    written: list[object] = list(project.get("dependencies", []))
    for group in [*project.get("optional-dependencies", {}).values(), *document.get("dependency-groups", {}).values()]:
        written += group
    for table in (document.get("tool", {}).get("poetry", {}).get("dependencies", {}), document.get("packages", {})):
        written += list(table)
    return {match[1].lower() for one in written if isinstance(one, str) and (match := _REQUIREMENT.match(one))}


def _line(text: str, word: str) -> int:
    position = text.lower().find(word.lower())
    return text.count("\n", 0, position) + 1 if position >= 0 else 1
