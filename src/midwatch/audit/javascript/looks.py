"""Everything that is looked for in a file of TypeScript or JavaScript."""

from collections.abc import Callable, Iterator

from midwatch.audit.finding import Fact, Finding
from midwatch.audit.javascript import (
    clients,
    events,
    external_calls,
    in_memory,
    jobs,
    libraries,
    log_messages,
    printing,
    private_data,
    routes,
    sockets,
    stacks,
    startup,
    swallowed,
    unlogged,
)
from midwatch.audit.javascript.module import Module

LOOKS: tuple[Callable[[Module], Iterator[Finding | Fact]], ...] = tuple(
    one.look
    for one in (
        libraries, printing, log_messages, stacks, private_data, events, swallowed, unlogged, startup, routes, jobs, sockets, external_calls, clients, in_memory,
    )
)  # fmt: skip
