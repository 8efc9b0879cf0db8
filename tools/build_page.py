"""Build the page from ui/ into src/midwatch/server/http/page; says so and is done when nothing changed."""

import hashlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import npm

UI = npm.ROOT / "ui"
PAGE = npm.ROOT / "src" / "midwatch" / "server" / "http" / "page"
STAMP = PAGE / ".built-from"
_NOT_SOURCES = {"node_modules", "dist"}


def sources_digest() -> str:
    """Of every file that the build reads, names included."""
    digest = hashlib.sha256()
    files = (path for path in sorted(UI.rglob("*")) if not _NOT_SOURCES & set(path.relative_to(UI).parts))
    for path in files:
        if path.is_file() and not path.name.endswith((".test.ts", ".test.tsx")):
            digest.update(f"{path.relative_to(UI)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build_page(*, force: bool = False) -> bool:
    """True when it was built, False when it was up to date."""
    digest = sources_digest()
    if not force and STAMP.is_file() and STAMP.read_text() == digest and (PAGE / "index.html").is_file():
        return False
    npm.main("ui", "run", "build", "--silent", "--", "--logLevel", "warn")
    STAMP.write_text(digest)
    return True


def main() -> None:
    began = time.monotonic()
    built = build_page(force="--force" in sys.argv)
    text = f"page: built in {time.monotonic() - began:.1f} s" if built else "page: nothing changed"
    print(text, flush=True)


if __name__ == "__main__":
    main()
