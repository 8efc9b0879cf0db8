"""One file a kind of probe, each with `ask(target, attempt)`: raises ProbeFailed, or what sockets and TLS raise."""
