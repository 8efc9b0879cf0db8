"""The engine process: opens chDB on one path and serves it until its parent goes.

Arguments are paths and numbers; the password comes in the environment, so that no process list shows it.
"""

import argparse
import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

PASSWORD_VARIABLE = "MIDWATCH_ENGINE_PASSWORD"  # noqa: S105 - the name of a variable
LOCK_SECONDS_MAX = 5.0
"""How long a child that is still dying may hold the path."""
EXIT_PATH_TAKEN = 75
LET_GO_SECONDS = 5.0
"""After so long the store is open, its tables made and what waited read: code of that is not needed again."""
LIBRARY = "_chdb"
CONFIG = """<clickhouse>
<max_server_memory_usage>{memory_bytes}</max_server_memory_usage>
<mark_cache_size>{mark_cache_bytes}</mark_cache_size>
<index_mark_cache_size>8388608</index_mark_cache_size>
<primary_index_cache_size>{mark_cache_bytes}</primary_index_cache_size>
<index_uncompressed_cache_size>0</index_uncompressed_cache_size>
<uncompressed_cache_size>0</uncompressed_cache_size>
<query_cache><max_size_in_bytes>1048576</max_size_in_bytes></query_cache>
<mmap_cache_size>16</mmap_cache_size>
<compiled_expression_cache_size>8388608</compiled_expression_cache_size>
<background_pool_size>2</background_pool_size>
<background_merges_mutations_concurrency_ratio>2</background_merges_mutations_concurrency_ratio>
<background_schedule_pool_size>4</background_schedule_pool_size>
<max_concurrent_queries>100</max_concurrent_queries>
<backups><allowed_path>{backups}</allowed_path></backups>
<merge_tree>
<merge_selector_base>16</merge_selector_base>
<min_parts_to_merge_at_once>10</min_parts_to_merge_at_once>
<max_suspicious_broken_parts>100</max_suspicious_broken_parts>
<number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
<number_of_free_entries_in_pool_to_lower_max_size_of_merge>2</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
<number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
</merge_tree>
</clickhouse>
"""
"""Small caches, few threads, no log tables (chDB makes none unless asked): the defaults go to gigabytes.

Fewer, wider merges than the default, which wrote every row 3.5 times again over 150 parts; these write it 1.5 times.
"""


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    password = os.environ.pop(PASSWORD_VARIABLE, "")
    if not password:
        sys.exit(f"{PASSWORD_VARIABLE}: expected the password that clients must send")
    options.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    options.path = options.path.absolute()
    options.body_dir = [directory.absolute() for directory in options.body_dir]
    # The engine keeps compiled format schemas below the directory that it runs in, whatever its configuration says.
    os.chdir(options.path)
    with _path_lock(options.path):
        asyncio.run(_serve(options, password))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="midwatch.server.engine.child", description=__doc__)
    parser.add_argument("--path", type=Path, required=True, help="directory of the store; one process owns it")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 picks one")
    parser.add_argument("--fd", type=int, help="a listening socket to take over instead of a port")
    parser.add_argument(
        "--memory-bytes", type=int, default=1 << 30, help="bound for all of the engine's queries together"
    )
    parser.add_argument(
        "--body-dir", type=Path, action="append", default=[], help="where data files of INSERTs may lie"
    )
    parser.add_argument("--backups-dir", type=Path, help="where BACKUP may write; default: `backups` in the path")
    parser.add_argument(
        "--let-go-seconds", type=float, default=LET_GO_SECONDS, help="when to let go of code that only opening has run"
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end at once when the parent is gone")
    return parser.parse_args(arguments)


@contextlib.contextmanager
def _path_lock(path: Path) -> Iterator[None]:
    """Hold the path for this process; the kernel lets go of it however the process ends."""
    with (path / "engine.lock").open("w") as file:
        deadline = time.monotonic() + LOCK_SECONDS_MAX
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    sys.stderr.write(f"cannot open the store in {path}: another process uses it\n")
                    sys.exit(EXIT_PATH_TAKEN)
                time.sleep(0.05)
        yield


async def _serve(options: argparse.Namespace, password: str) -> None:
    import uvicorn

    from midwatch.server.engine.footprint import let_go_of
    from midwatch.server.engine.http import EngineHttp
    from midwatch.server.engine.runner import Runner

    spool = options.path / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    for left_over in spool.iterdir():
        left_over.unlink()
    runner = Runner(_connector(options))
    http = EngineHttp(runner, password=password, spool_dir=spool, body_dirs=options.body_dir)
    config = uvicorn.Config(
        http.app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=300,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    listening = socket.socket(fileno=options.fd) if options.fd is not None else _listen(options.port)
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    sys.stdout.write(f"ready {listening.getsockname()[1]}\n")
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    loop.call_later(options.let_go_seconds, loop.run_in_executor, runner.control, let_go_of, LIBRARY)
    try:
        await server.serve(sockets=[listening])
    finally:
        await asyncio.to_thread(runner.close)


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    return listening


def _end_with_parent() -> None:
    """End when the server has gone, however it went, so that its successor finds the path free.

    At once: nobody is left to whom a running statement could be acknowledged, and what was acknowledged is on disk.
    """
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def _connector(options: argparse.Namespace) -> Any:
    # chDB imports these for data frames, which never cross this process: 60 MB and half a second for nothing.
    for unused in ("pyarrow", "pandas", "numpy"):
        sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
    from chdb.state.sqlitelike import connect

    backups = options.backups_dir or options.path / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    config = options.path / "engine.xml"
    mark_cache_bytes = min(options.memory_bytes // 16, 128 << 20)
    config.write_text(
        CONFIG.format(
            memory_bytes=options.memory_bytes,
            mark_cache_bytes=mark_cache_bytes,
            backups=escape(str(backups.resolve())),
        )
    )
    data = (options.path / "data").resolve()
    target = f"{data}?config-file={config.resolve()}"
    return lambda: connect(target)


if __name__ == "__main__":
    main()
