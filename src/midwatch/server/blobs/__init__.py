"""Blobs: one small interface (server/model/blobs.py), a directory or S3-compatible storage behind it."""

from midwatch.server.blobs.opening import open_blobs

__all__ = ["open_blobs"]
