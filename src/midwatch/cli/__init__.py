"""The command line: thin; what it says and does lives in the server, the contract and the API."""

from midwatch.cli.main import main

__all__ = ["main"]
