"""Resolve a folder's npm packages again: `python tools/lock_npm.py ui`. Part of `make lock`.

npm writes into its lock file where the authors of a package take money and, unless told otherwise, where the package
was fetched from. Neither has a part in what is installed, which the hashes alone decide: what is committed has none.
"""

import json
import sys
from pathlib import Path

from npm import ROOT, node_environment, run_npm

ADDRESSES = ("funding", "resolved")


def lock(folder: Path, env: dict[str, str]) -> None:
    run_npm(folder, ["install", "--package-lock-only", "--no-audit", "--no-fund", "--loglevel=error"], env)
    path = folder / "package-lock.json"
    path.write_text(without_addresses(path.read_text()))


def without_addresses(text: str) -> str:
    content = json.loads(text)
    for package in content["packages"].values():
        for key in ADDRESSES:
            package.pop(key, None)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main(*folders: str) -> None:
    env = node_environment()
    for folder in folders:
        lock(ROOT / folder, env)


if __name__ == "__main__":
    main(*sys.argv[1:])
