"""`midwatch demo`: a server on data of its own, the shop example sending to it, and a link to look."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import httpx

from midwatch.contract.plan import read_files

READY_SECONDS_MAX = 90
STOP_SECONDS_MAX = 20
STOREFRONT_PORT = 8010
"""Where the example's plan says that the shop is."""


EXAMPLE_PACKAGES = {
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.exporter.otlp.proto.http": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.instrumentation.fastapi": "opentelemetry-instrumentation-fastapi",
    "opentelemetry.instrumentation.httpx": "opentelemetry-instrumentation-httpx",
    "opentelemetry.instrumentation.logging": "opentelemetry-instrumentation-logging",
}
"""What the example imports besides the server's packages, and who brings it."""


class DemoFailed(Exception):
    """A part of the demo did not start; the message says which and what it printed last."""


def run_demo(*, data: Path, port: int, visits_per_second: float) -> None:
    """Start everything, print the address, and stop it all on Ctrl-C or when one part ends."""
    if missing := [package for module, package in EXAMPLE_PACKAGES.items() if not _is_there(module)]:
        raise DemoFailed(f"the example is instrumented with OpenTelemetry: pip install {' '.join(missing)}")
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoFailed(f"data={data}: cannot make the directory: {error.strerror}; choose another") from None
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        say(f"starting Midwatch on {data}/ …")
        midwatch_up = [sys.executable, "-m", "midwatch", "up", "--data", str(data), "--port", str(_usable(port))]
        key = _kept_secret(data / "demo-ingest-key", "mwk_demo_")
        server = _start(
            stack,
            "midwatch",
            [
                *midwatch_up,
                "--otlp-http-port",
                "0",
                "--otlp-grpc-port",
                "0",
                "--statsd-port",
                "0",
                "--log-format",
                "json",
                "--private-networks",
                "127.0.0.0/8",
            ],
            data,
            {"MIDWATCH_INGEST_KEY": key},
        )
        target = _wait_for_server(server, data)
        storefront = f"http://127.0.0.1:{_usable(STOREFRONT_PORT) or _free_port()}"
        parts = [server, *_start_shop(stack, data, target, key, storefront, visits_per_second)]
        _apply_plan(target, storefront)
        _print_address(target, key)
        try:
            while all(part.poll() is None for part in parts):
                time.sleep(0.5)
        except KeyboardInterrupt:
            say("\nstopping …")
            return
        ended = next(part for part in parts if part.poll() is not None)
        raise DemoFailed(f"{ended.name} ended with status {ended.returncode}: see {data}/demo-logs/{ended.name}.log")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def say(text: str) -> None:
    print(text, flush=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _kept_secret(path: Path, prefix: str) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(prefix + secrets.token_hex(24))
    return path.read_text()


def _usable(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            say(f"port {port} is taken: using another one")
            return 0
    return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Part(subprocess.Popen[bytes]):
    """A child that is stopped with its whole group, and remembers its name."""

    name = ""


def _start(
    stack: ExitStack, name: str, command: list[str], data: Path, env: dict[str, str], cwd: Path | None = None
) -> _Part:
    logs = data / "demo-logs"
    logs.mkdir(exist_ok=True)
    with (logs / f"{name}.log").open("wb") as log:
        part = _Part(
            command,
            cwd=cwd,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    part.name = name
    stack.callback(_stop, part)
    return part


def _stop(part: _Part) -> None:
    if part.poll() is None:
        part.terminate()
        try:
            part.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()


def _wait_for_server(server: _Part, data: Path) -> dict[str, str]:
    described = data / "server.json"
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            target: dict[str, str] = json.loads(described.read_text())
            if str(target.get("pid")) == str(server.pid) and httpx.get(f"{target['url']}/ready").status_code == 200:
                return target
        except (OSError, ValueError, httpx.HTTPError):
            pass
        time.sleep(0.1)
    tail = (data / "demo-logs" / "midwatch.log").read_text(errors="replace")[-2000:]
    raise DemoFailed(f"cannot start Midwatch; it printed:\n{tail}")


def _start_shop(
    stack: ExitStack, data: Path, target: dict[str, str], key: str, storefront_url: str, visits_per_second: float
) -> list[_Part]:
    shop = _shop_dir()
    storefront, orders = int(storefront_url.rpartition(":")[2]), _free_port()
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
        parts.append(_start(stack, name, command, data, env, cwd=shop))
        if name in ("orders", "storefront"):
            _wait_for_port(parts[-1], orders if name == "orders" else storefront, data)
    return parts


def _wait_for_port(part: _Part, port: int, data: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline and part.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    tail = (data / "demo-logs" / f"{part.name}.log").read_text(errors="replace")[-2000:]
    raise DemoFailed(f"cannot start {part.name} of the example; it printed:\n{tail}")


def _shop_dir() -> Path:
    """The example beside this checkout, or the copy inside the wheel."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package.parent.parent / "examples" / "shop", package / "examples" / "shop"):
        if (candidate / "storefront.py").is_file():
            return candidate
    raise DemoFailed(f"cannot find the shop example beside {package}: this copy of Midwatch was built without it")


def _apply_plan(target: dict[str, str], storefront_url: str) -> None:
    """The example's, with the storefront where it stands."""
    files = read_files(_shop_dir() / "observability")
    placed = {name: text.replace(f"http://127.0.0.1:{STOREFRONT_PORT}", storefront_url) for name, text in files.items()}
    headers = {"authorization": f"Bearer {target['token']}"}
    answer = httpx.post(f"{target['url']}/api/v1/plan/apply", json={"files": placed}, headers=headers, timeout=30)
    if answer.is_error or not answer.json()["ok"]:
        raise DemoFailed(f"cannot apply the example's plan: {answer.text[:2000]}")


def _print_address(target: dict[str, str], key: str) -> None:
    headers = {"authorization": f"Bearer {target['token']}"}
    with httpx.Client(base_url=target["url"], headers=headers, timeout=10) as api:
        users = api.get("/api/v1/users").raise_for_status().json()["users"]
        admin = next(user for user in users if user["role"] == "admin" and not user["disabled"])
        link = api.post(f"/api/v1/users/{admin['id']}/link").raise_for_status().json()["signin_link"]
    say(
        f"""
  Midwatch is running, and a small shop is sending it logs, traces and metrics. Within minutes it has its first alerts.

    look          {target["url"]}{link}
    send to       {target["otlp_http_url"]}  (OTLP/HTTP)
    ingest key    {key}

  The link signs you in once; `midwatch demo` prints a new one each time. Ctrl-C stops everything.
"""
    )
