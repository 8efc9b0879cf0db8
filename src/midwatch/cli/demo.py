"""`midwatch demo`: a server on data of its own, the shop example sending to it, and a link to look."""

import signal
import sys
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import httpx

from midwatch.cli.parts import (
    Part,
    PartFailed,
    describe,
    free_port,
    kept_secret,
    say,
    signin_link,
    start_midwatch,
    start_part,
    usable,
    wait_for_port,
)
from midwatch.contract.plan import read_files

STOREFRONT_PORT = 8010
"""Where the example's plan says that the shop is."""
DESCRIBED = "demo.json"
"""In the data directory, as long as everything runs."""

EXAMPLE_PACKAGES = {
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.exporter.otlp.proto.http": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.instrumentation.fastapi": "opentelemetry-instrumentation-fastapi",
    "opentelemetry.instrumentation.httpx": "opentelemetry-instrumentation-httpx",
    "opentelemetry.instrumentation.logging": "opentelemetry-instrumentation-logging",
}
"""What the example imports besides the server's packages, and who brings it."""


def run_demo(*, data: Path, port: int, visits_per_second: float) -> None:
    """Start everything, print the address, and stop it all on Ctrl-C or when one part ends."""
    if missing := [package for module, package in EXAMPLE_PACKAGES.items() if not _is_there(module)]:
        raise PartFailed(f"the example is instrumented with OpenTelemetry: pip install {' '.join(missing)}")
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PartFailed(f"data={data}: cannot make the directory: {error.strerror}; choose another") from None
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        say(f"starting Midwatch on {data}/ …")
        key = kept_secret(data / "demo-ingest-key", "mwk_demo_")
        server, target = start_midwatch(stack, data, data / "demo-logs", port=usable(port), key=key)
        storefront = f"http://127.0.0.1:{usable(STOREFRONT_PORT) or free_port()}"
        parts = [server, *_start_shop(stack, data, target, key, storefront, visits_per_second)]
        _apply_plan(target, storefront)
        _print_address(target, key)
        describe(data / DESCRIBED, {"midwatch_url": target["url"], "token": target["token"]})
        stack.callback((data / DESCRIBED).unlink, missing_ok=True)
        try:
            while all(part.poll() is None for part in parts):
                time.sleep(0.5)
        except KeyboardInterrupt:
            say("\nstopping …")
            return
        ended = next(part for part in parts if part.poll() is not None)
        raise PartFailed(f"{ended.name} ended with status {ended.returncode}: see {ended.log}")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start_shop(
    stack: ExitStack, data: Path, target: dict[str, str], key: str, storefront_url: str, visits_per_second: float
) -> list[Part]:
    shop = _shop_dir()
    storefront, orders = int(storefront_url.rpartition(":")[2]), free_port()
    env = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": target["otlp_http_url"],
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{key}",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=production",
        "HEARTBEAT_URL": f"{target['url']}/ping/{key}/stock-count",
        "STOREFRONT_URL": storefront_url,
        "ORDERS_URL": f"http://127.0.0.1:{orders}",
        "VISITS_PER_SECOND": str(visits_per_second),
        "PYTHONUNBUFFERED": "1",
    }
    uvicorn = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--log-level", "warning", "--port"]
    commands = {
        "orders": [*uvicorn, str(orders), "orders:app"],
        "storefront": [*uvicorn, str(storefront), "storefront:app"],
        "worker": [sys.executable, "worker.py"],
        "visitors": [sys.executable, "visitors.py"],
    }
    parts = []
    for name, command in commands.items():
        part = start_part(name, command, data / "demo-logs", env, folder=shop)
        stack.callback(part.stop)
        parts.append(part)
        if name in ("orders", "storefront"):
            wait_for_port(part, orders if name == "orders" else storefront)
    return parts


def _shop_dir() -> Path:
    """The example beside this checkout, or the copy inside the wheel."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package.parent.parent / "examples" / "shop", package / "examples" / "shop"):
        if (candidate / "storefront.py").is_file():
            return candidate
    raise PartFailed(f"cannot find the shop example beside {package}: this copy of Midwatch was built without it")


def _apply_plan(target: dict[str, str], storefront_url: str) -> None:
    """The example's, with the storefront where it stands."""
    files = read_files(_shop_dir() / "observability")
    placed = {name: text.replace(f"http://127.0.0.1:{STOREFRONT_PORT}", storefront_url) for name, text in files.items()}
    headers = {"authorization": f"Bearer {target['token']}"}
    answer = httpx.post(f"{target['url']}/api/v1/plan/apply", json={"files": placed}, headers=headers, timeout=30)
    if answer.is_error or not answer.json()["ok"]:
        raise PartFailed(f"cannot apply the example's plan: {answer.text[:2000]}")


def _print_address(target: dict[str, str], key: str) -> None:
    say(
        f"""
  Midwatch is running, and a small shop is sending it logs, traces and metrics. Within minutes it has its first alerts.

    look          {signin_link(target)}
    send to       {target["otlp_http_url"]}  (OTLP/HTTP)
    ingest key    {key}

  The link signs you in once; `midwatch demo` prints a new one each time. Ctrl-C stops everything.
"""
    )
