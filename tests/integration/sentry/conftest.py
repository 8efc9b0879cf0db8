"""A project of its own for each file of tests, on the server that all share."""

import itertools

import pytest
from tests.conftest import Server
from tests.sentry_project import Project

_PROJECTS = itertools.count(70_001)


@pytest.fixture(scope="module")
def project(server: Server) -> Project:
    number = next(_PROJECTS)
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": f"errors-{number}", "project": number})
    return Project(server, number, made.json()["key"])
