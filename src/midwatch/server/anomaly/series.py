"""Bands → bodies of remote write 1.0."""

from collections.abc import Iterable, Sequence

from midwatch.server.model.band import EXPECTED, LABEL, LOWER, UPPER
from midwatch.server.promql.floats import Floats
from midwatch.server.promql.labels import NAME, Labels, replaced
from midwatch.server.protocols.prometheus.messages import VERSION_1

PARTS = (LOWER, EXPECTED, UPPER)
Band = tuple[str, Sequence[Labels], Sequence[Floats]]
"""Its id, the labels of its series, and the values of each part."""


def body(bands: Iterable[Band], at_ms: int) -> tuple[bytes, int]:
    """All of them at one time, with the number of samples."""
    request, count = VERSION_1.request(), 0
    for id_, labels, parts in bands:
        for name, values in zip(PARTS, parts, strict=True):
            for one, value in zip(labels, values.tolist(), strict=True):
                series = request.timeseries.add()
                for label, text in replaced(one, {NAME: name, LABEL: id_}):
                    series.labels.add(name=label, value=text)
                series.samples.add(value=value, timestamp=at_ms)
                count += 1
    return request.SerializeToString(), count
