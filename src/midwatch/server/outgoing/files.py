"""Files that the plan names: only below directories that whoever runs the server has named."""

from collections.abc import Sequence
from pathlib import Path

FILE_BYTES_MAX = 4 << 20
FILES_MAX = 1000


class FileRefused(Exception):
    """The file may not be read, or cannot; the message never quotes what is in it."""


class PlanFiles:
    """Plans come through the API too, from people who may not read this machine's files."""

    def __init__(self, base: Path | None, others: Sequence[Path] = ()) -> None:
        self._base = base
        self._allowed = [path.resolve() for path in ((base, *others) if base is not None else others)]

    def path(self, name: str) -> Path:
        """Raises FileRefused."""
        return self._below(Path(name), name)

    def text(self, name: str) -> str:
        """Raises FileRefused."""
        return self._read(self.path(name), name)

    def matching(self, pattern: str) -> dict[str, str]:
        """Texts of the files by path; the pattern's last part may have `*`. Raises FileRefused."""
        path = Path(pattern)
        directory = self._below(path.parent, pattern)
        found = sorted(directory.glob(path.name)) if "*" in path.name else [directory / path.name]
        if len(found) > FILES_MAX:
            raise FileRefused(f"{pattern}: expected at most {FILES_MAX} files")
        return {str(one): self._read(self.path(str(one)), str(one)) for one in found}

    def _below(self, path: Path, name: str) -> Path:
        """Where a path leads; links that lead elsewhere are refused with the rest. `name` is how the plan has it."""
        if not path.is_absolute():
            if self._base is None:
                raise FileRefused(f"{name}: expected an absolute path: this server has no --plan directory")
            path = self._base / path
        resolved = path.resolve()
        if not any(resolved.is_relative_to(allowed) for allowed in self._allowed):
            raise FileRefused(f"{name}: may not be read: expected a file below --plan or one of --scrape-files")
        return resolved

    def _read(self, path: Path, name: str) -> str:
        try:
            with path.open("rb") as file:
                content = file.read(FILE_BYTES_MAX + 1)
            if len(content) > FILE_BYTES_MAX:
                raise FileRefused(f"{name}: expected at most {FILE_BYTES_MAX:,} bytes")
            return content.decode()
        except OSError as error:
            raise FileRefused(f"{name}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise FileRefused(f"{name}: expected UTF-8") from None
