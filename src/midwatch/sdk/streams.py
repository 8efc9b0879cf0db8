"""Writing to stdout and stderr without ever waiting for whoever reads them.

A pipe whose reader has stopped holds up everyone who writes to it, for as long as it likes: a log shipper that hangs
must not hang the app. Linux writes without waiting where it is asked to (RWF_NOWAIT), for this write alone: the mode of
the pipe, which others share, stays as it is.
"""

import errno
import os
import select
import stat

_NOWAIT = getattr(os, "RWF_NOWAIT", 0)
_CHUNK = select.PIPE_BUF
"""What a pipe that is ready has room for (POSIX)."""
_UNKNOWN = frozenset((errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.ESPIPE))

_cannot: set[int] = set()
"""Descriptors that cannot be told not to wait: files, terminals."""
_poll = select.poll


def write_now(fd: int, data: bytes) -> int:
    """Write what there is room for; how many bytes went. Raises OSError where nothing can be written any more."""
    if _NOWAIT and fd not in _cannot:
        try:
            return os.pwritev(fd, (data,), -1, _NOWAIT)
        except BlockingIOError:
            return os.write(fd, data) if _is_file(fd) else 0
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
            _cannot.add(fd)
    return _write_where_ready(fd, data)


def _write_where_ready(fd: int, data: bytes) -> int:
    """The same where the kernel must be asked first."""
    if _is_file(fd):
        return os.write(fd, data)
    ready = _poll()
    ready.register(fd, select.POLLOUT)
    written = 0
    while written < len(data) and ready.poll(0):
        try:
            written += os.write(fd, data[written : written + _CHUNK])
        except BlockingIOError:
            break
    return written


def _is_file(fd: int) -> bool:
    """Files do not keep anyone waiting."""
    return stat.S_ISREG(os.fstat(fd).st_mode)
