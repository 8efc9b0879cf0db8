"""The heatmap of before Grafana 9."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, mapping
from midwatch.server.dashboards.grafana.legacy.shapes import EDITOR

_LOOKED_AT = (
    "cards", "color", "dataFormat", "heatmap", "hideZeroBuckets", "highlightCards", "reverseYBuckets", "xAxis", "yAxis",
    "xBucketNumber", "xBucketSize", "yBucketBound", "yBucketNumber", "yBucketSize",
)  # fmt: skip
_BOUNDS = {"upper": "le", "lower": "ge", "middle": "unknown"}


def heatmap(old: Keys) -> dict[str, Any]:
    """Of buckets that a query answers, or counted here."""
    panel = old.raw
    color, axis = mapping(panel.get("color")), mapping(panel.get("yAxis"))
    old.skip(*_LOOKED_AT, *EDITOR)
    return {
        "type": "heatmap",
        "options": {
            "calculate": panel.get("dataFormat") != "tsbuckets",
            "calculation": {
                "xBuckets": {"value": panel.get("xBucketNumber") or panel.get("xBucketSize")},
                "yBuckets": {"value": panel.get("yBucketNumber") or panel.get("yBucketSize")},
            },
            "color": {
                "mode": "opacity" if color.get("mode") == "opacity" else "scheme",
                "scheme": str(color.get("colorScheme") or "Oranges").removeprefix("interpolate"),
                "fill": color.get("cardColor"),
                "exponent": color.get("exponent") or 0.5,
                "steps": 128,
                "min": color.get("min"),
                "max": color.get("max"),
            },
            "yAxis": {
                "unit": axis.get("format") or "short",
                "decimals": axis.get("decimals"),
                "min": axis.get("min"),
                "max": axis.get("max"),
                "reverse": panel.get("reverseYBuckets") is True,
            },
            "rowsFrame": {"layout": _BOUNDS.get(str(panel.get("yBucketBound")), "auto")},
            "filterValues": {"le": 1e-9} if panel.get("hideZeroBuckets") else {},
            "cellGap": 1,
            "legend": {"show": mapping(panel.get("legend")).get("show") is True},
        },
    }
