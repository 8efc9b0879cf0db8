"""Bodies of remote write, packed as their senders pack them."""

from collections.abc import Mapping, Sequence
from typing import Any

import cramjam

from midwatch.server.protocols.prometheus.messages import VERSION_1, VERSION_2

PATH = "/prometheus/api/v1/write"
HEADERS_1 = {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
}
HEADERS_2 = {
    **HEADERS_1,
    "content-type": f"application/x-protobuf;proto={VERSION_2.name}",
    "x-prometheus-remote-write-version": "2.0.0",
}
STALE_BITS = 0x7FF0_0000_0000_0002


def packed(message: Any) -> bytes:
    body = message if isinstance(message, bytes) else message.SerializeToString()
    return bytes(cramjam.snappy.compress_raw(body))


def series_1(labels: Mapping[str, str] | Sequence[tuple[str, str]], **fields: Any) -> dict[str, Any]:
    pairs = labels.items() if isinstance(labels, Mapping) else labels
    return {"labels": [{"name": name, "value": value} for name, value in pairs], **fields}


def version_1(*series: dict[str, Any], metadata: Sequence[dict[str, Any]] = ()) -> Any:
    return VERSION_1.request(timeseries=series, metadata=metadata)


class Symbols:
    """A table of symbols that grows as it is asked."""

    def __init__(self) -> None:
        self._places = {"": 0}

    @property
    def texts(self) -> list[str]:
        return list(self._places)

    def __call__(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    def refs(self, labels: Mapping[str, str]) -> list[int]:
        return [self(text) for pair in labels.items() for text in pair]


def version_2(*series: dict[str, Any], symbols: Symbols | None = None) -> Any:
    """Series have `labels`, and exemplars too; `metadata` has `help` and `unit` as texts."""
    symbols = symbols or Symbols()
    built = []
    for one in series:
        fields = dict(one)
        fields["labels_refs"] = symbols.refs(fields.pop("labels"))
        if "metadata" in fields:
            metadata = dict(fields["metadata"])
            fields["metadata"] = {
                "type": metadata.get("type", 0),
                "help_ref": symbols(metadata.get("help", "")),
                "unit_ref": symbols(metadata.get("unit", "")),
            }
        fields["exemplars"] = [
            {
                **{key: value for key, value in exemplar.items() if key != "labels"},
                "labels_refs": symbols.refs(exemplar["labels"]),
            }
            for exemplar in fields.get("exemplars", [])
        ]
        built.append(fields)
    return VERSION_2.request(symbols=symbols.texts, timeseries=built)
