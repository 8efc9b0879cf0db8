"""One server with a plan of privacy, for all tests that change no rules."""

from collections.abc import Iterator

import pytest

from tests.conftest import Server

KEY = "k2:" + "n" * 32
PLAN = """privacy:
  region: DE
  deny: [street]
  fields:
    - {field: user.phone, action: phone_hash}
    - {field: account.iban, action: last 4}
    - {field: "account.**.items[].iban", action: last 4}
    - {field: "account.items[].iban", action: last 4}
    - {field: note.text, action: truncate 5, signals: [logs]}
    - {field: gone, action: drop}
    - {field: only.here, action: hash, services: [billing]}
  looks:
    - {look: ip, action: hash}
    - {look: card, action: last 4, services: [billing]}
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("privacy")
    (directory / "plan").mkdir()
    (directory / "plan" / "midwatch.yml").write_text(PLAN)
    server = Server(directory / "data", {"MIDWATCH_PRIVACY_KEY": KEY}, ("--plan", str(directory / "plan"))).start()
    yield server
    server.stop()
