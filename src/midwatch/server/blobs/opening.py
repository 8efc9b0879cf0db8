"""Which kind of blobs the setting `blobs` asks for."""

from pathlib import Path

from obstore.store import from_url

from midwatch.server.blobs.directory import DirectoryBlobs
from midwatch.server.blobs.object_store import ObjectBlobs
from midwatch.server.model.blobs import Blobs


def open_blobs(url: str, default: Path) -> Blobs:
    """`url`: empty for the directory `default`, else `s3://bucket/path`; credentials and endpoint as AWS's variables
    say (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ALLOW_HTTP`)."""
    if not url:
        return DirectoryBlobs(default)
    return ObjectBlobs(from_url(url))
