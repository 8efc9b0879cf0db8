"""A small front end, built by Vite as teams build theirs; Sentry's own tools; and events of its own SDK."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from tools import npm

from tests.conftest import TOKEN, Server
from tests.integration.clients.conftest import NODE_CLIENTS

VITE = npm.ROOT / "ui" / "node_modules"
PAY = """\
export class CardError extends Error {}

export function chargeCard(order: { total: number }): never {
  throw new CardError(`cannot charge ${order.total}`);
}
"""
MAIN = """\
import { chargeCard } from "./pay";

function checkout(total: number) {
  chargeCard({ total });
}

(globalThis as { checkout?: typeof checkout }).checkout = checkout;
"""
VITE_CONFIG = """\
const plugins = process.env.WITH_PLUGIN
  ? [(await import(process.env.WITH_PLUGIN)).sentryVitePlugin({
      org: "midwatch", project: "1", authToken: process.env.SENTRY_AUTH_TOKEN, url: process.env.SENTRY_URL,
      telemetry: false, release: { name: "plugin@1", deploy: { env: "staging" } },
    })]
  : [];
export default {
  logLevel: "warn",
  plugins,
  build: { sourcemap: true, rollupOptions: { input: "src/main.ts", output: { entryFileNames: "assets/[name].js" } } },
};
"""
RUN = """\
const [, , sentry, bundle, release] = process.argv;
const Sentry = await import(sentry);
let caught;
Sentry.init({
  dsn: process.env.DSN || "http://key@127.0.0.1:1/1", release: release || undefined, defaultIntegrations: false,
  stackParser: Sentry.defaultStackParser,
  beforeSend(event) { caught = event; return process.env.DSN ? event : null; },
});
await import(bundle);
try { globalThis.checkout(7); } catch (error) { Sentry.captureException(error); }
await Sentry.flush(5000);
console.log(JSON.stringify(caught));
process.exit(0);
"""


@dataclass
class Front:
    """The checkout of a front end."""

    directory: Path
    server: Server

    @cached_property
    def environment(self) -> dict[str, str]:
        asked = {"SENTRY_URL": self.server.url, "SENTRY_AUTH_TOKEN": TOKEN, "SENTRY_ORG": "midwatch"}
        return {
            **npm.node_environment(),
            **asked,
            "SENTRY_PROJECT": "1",
            "SENTRY_LOAD_DOTENV": "0",
            "RUST_BACKTRACE": "0",
        }

    def cli(self, *arguments: str, fails: bool = False, **environment: str) -> str:
        """What sentry-cli says."""
        tool = NODE_CLIENTS / "node_modules" / ".bin" / "sentry-cli"
        return self._run([str(tool), *arguments], fails=fails, **environment)

    def build(self, **environment: str) -> str:
        """By Vite; minified, with maps."""
        return self._run([self._node, str(VITE / "vite" / "bin" / "vite.js"), "build"], **environment)

    def event(self, release: str = "", *, dsn: str = "") -> dict[str, Any]:
        """What Sentry's SDK for Node.js makes of an error in the built app; sent where there is a DSN."""
        sentry = NODE_CLIENTS / "node_modules" / "@sentry" / "node" / "build" / "esm" / "index.js"
        bundle = self.directory / "dist" / "assets" / "main.js"
        output = self._run([self._node, "run.mjs", str(sentry), str(bundle), release], DSN=dsn)
        found: dict[str, Any] = json.loads(next((line for line in output.splitlines() if line[:1] == "{"), output))
        return found

    @cached_property
    def _node(self) -> str:
        node = shutil.which("node", path=self.environment["PATH"])
        assert node is not None
        return node

    def _run(self, command: list[str], *, fails: bool = False, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.directory,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def front(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Front:
    npm.install_packages(NODE_CLIENTS, npm.node_environment())
    npm.install_packages(npm.ROOT / "ui", npm.node_environment())
    directory = tmp_path_factory.mktemp("front")
    (directory / "src").mkdir()
    (directory / "src" / "pay.ts").write_text(PAY)
    (directory / "src" / "main.ts").write_text(MAIN)
    (directory / "vite.config.mjs").write_text(VITE_CONFIG)
    (directory / "run.mjs").write_text(RUN)
    os.symlink(VITE, directory / "node_modules")
    git = ["git", "-c", "user.name=Grace", "-c", "user.email=grace@example.com"]
    for command in (["init", "-q", "."], ["add", "src"], ["commit", "-q", "-m", "checkout: cards are charged"]):
        subprocess.run([*git, *command], cwd=directory, check=True)
    return Front(directory, server)
