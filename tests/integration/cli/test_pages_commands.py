"""The commands that the pages show work as written: with the key, the token and the addresses of a real server."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

from tests.conftest import KEY, TOKEN, Server
from tests.eventually import eventually

ROOT = Path(__file__).resolve().parents[3]
SENDER = """
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
provider.get_tracer("readme").start_span("as the readme says").end()
"""


def commands(page: str, server: Server) -> list[str]:
    """The blocks of a page with what to type, aimed at this server."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for written, real in (
        ("<your ingest key>", KEY),
        ("http://127.0.0.1:4400", server.url),
        ("http://127.0.0.1:4318", server.otlp_http_url),
    ):
        found = [block.replace(written, real) for block in found]
    return [re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in found]


def run(script: str, folder: Path, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MIDWATCH_", "OTEL_"))}
    done = subprocess.run(
        ["sh", "-ec", script],
        env={**environment, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_lines_of_any_program_arrive(server: Server, tmp_path: Path) -> None:
    """README: each printed line is taken by itself, whatever characters it begins with."""
    (block,) = [one for one in commands("README.md", server) if "/ingest/ndjson" in one]
    name = uuid.uuid4().hex
    lines = tmp_path / "my-app"
    lines.write_text(f"#!/bin/sh\nprintf '%s\\n' '{{\"message\":\"{name} one\"}}' '@{name} two'\n")
    lines.chmod(0o755)
    told = run(block, tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert told == '{"accepted":1}' * 2

    def found() -> set[str]:
        with server.api() as api:
            return {row["body"] for row in api.get("/api/v1/logs", params={"query": name}).json()["rows"]}

    assert eventually(lambda: len(found()) == 2)
    assert found() == {f"{name} one", f"@{name} two"}


def test_two_variables_are_enough_for_an_app_with_the_opentelemetry_sdk(server: Server, tmp_path: Path) -> None:
    """README: the official exporter finds address and key."""
    (block,) = [one for one in commands("README.md", server) if "OTEL_EXPORTER_OTLP_ENDPOINT" in one]
    service = f"readme{uuid.uuid4().hex[:8]}"
    run(f"{block}\nexec {sys.executable} -c '{SENDER}'", tmp_path, OTEL_SERVICE_NAME=service)

    def found() -> bool:
        with server.api() as api:
            return bool(api.get("/api/v1/traces", params={"query": f"service:{service}"}).json()["traces"])

    assert eventually(found)


def test_the_api_answers_what_the_page_about_searching_asks(server: Server, tmp_path: Path) -> None:
    """docs/searching.md: every line of the block, the tail until it has begun."""
    (block,) = [one for one in commands("docs/searching.md", server) if one.startswith("api()")]
    helper, *asked = block.strip().splitlines()
    assert len(asked) > 4
    for line in asked:
        # A tail never ends: what ends it is time, which curl calls an error.
        command = line.replace(" -N ", " -N -m 2 ")
        told = run(f"{helper}\n{{ {command}\n}} || test $? = 28", tmp_path, MIDWATCH_API_TOKEN=TOKEN)
        told = told or (tmp_path / "warnings.csv").read_text()
        assert '"error"' not in told, line
        assert told.startswith(("{", "id: ", "timestamp,level")), (line, told)
