"""A store's URL: what it says, and each mistake in it named with what to write instead."""

import pytest

from midwatch.server.model.errors import BadRequest
from midwatch.server.store.address import Compression, Target


def test_store_urls() -> None:
    """Host, credentials, database, cluster, TLS and compression."""
    target = Target.from_url("clickhouse://u:p%40ss@db:9000/obs?cluster=main&secure=1&verify=0")
    assert (target.host, target.port, target.user, target.password) == ("db", 9000, "u", "p@ss")
    assert (target.database, target.cluster, target.secure, target.verify) == ("obs", "main", True, False)
    assert Target.from_url("clickhouses://db").port == 8443
    assert target.compression == Compression.ZSTD
    assert Target.from_url("clickhouse://db?compression=none").compression == Compression.NONE
    assert Target.from_url("clickhouse://[::1]:8123").http_url == "http://[::1]:8123"
    assert "p@ss" not in repr(target)


MISTAKES = [
    ("http://db", "expected clickhouse://user:password@host:8123/database, or clickhouses:// for TLS"),
    ("clickhouse://", "no host is named: expected clickhouse://"),
    ("clickhouse://:8123/db", "no host is named"),
    ("clickhouse:///db", "no host is named"),
    ("clickhouse://db:http", "the port is not a number from 1 to 65535"),
    ("clickhouse://db:0", "the port is not a number from 1 to 65535"),
    ("clickhouse://db:65536", "the port is not a number from 1 to 65535"),
    ("clickhouse://u:geheim#x@db", "write # / ? @ : in a password as %23"),
    ("clickhouse://u:geheim/x@db", "write # / ? @ : in a password as %23"),
    ("clickhouse://u:geheim?x@db", "the port is not a number"),
    ("clickhouse://db/one/two", "database=one/two: expected a name of letters"),
    ("clickhouse://db/a`b", "database=a`b: expected a name of letters"),
    ("clickhouse://db?clutser=x", "unknown option 'clutser': did you mean cluster?"),
    ("clickhouse://db?timeout=3", "unknown option 'timeout': expected one of ca, cluster, compression, secure, verify"),
    ("clickhouse://db?cluster", "cluster=: expected a name of letters"),
    ("clickhouse://db?cluster=a'b", "cluster=a'b: expected a name of letters"),
    ("clickhouse://db?cluster=a&cluster=b", "cluster is given twice"),
    ("clickhouse://db?compression=lz4", "compression=lz4: expected zstd or none"),
    ("clickhouses://db?verify=perhaps", "verify=perhaps: expected 1 or 0"),
    ("clickhouses://db?secure=0", "secure=0 with clickhouses://: expected clickhouse://"),
    ("clickhouse://db?ca=/ca.pem", "ca is an option of TLS: expected clickhouses://"),
    ("clickhouse://db?verify=1", "verify is an option of TLS: expected clickhouses://"),
    ("clickhouses://db?ca=/ca.pem&verify=0", "ca with verify=0: expected one of the two"),
    ("clickhouses://db?ca=/nowhere.pem", "ca=/nowhere.pem: expected a file of certificates"),
]


@pytest.mark.parametrize(("url", "said"), MISTAKES)
def test_each_mistake_is_named_with_what_to_write(url: str, said: str) -> None:
    """And no part of a password is in the message, however it was torn apart."""
    with pytest.raises(BadRequest) as refused:
        Target.from_url(url)
    assert said in refused.value.message
    assert refused.value.message.startswith("store: ")
    assert "geheim" not in refused.value.message
