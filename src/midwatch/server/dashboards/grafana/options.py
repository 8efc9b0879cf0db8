"""A panel's `options` → what its kind has of its own."""

from collections.abc import Callable
from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys

_ORIENTATIONS = ("auto", "horizontal", "vertical")
_SHOW = ("auto", "always", "never")


def read_legend(legend: Keys) -> dict[str, Any]:
    legend.skip("values", "isVisible", "asTable")
    mode = legend.choice("displayMode", {"list": "list", "table": "table", "hidden": "hidden"})
    shown = legend.flag("showLegend", default=True) and mode != "hidden"
    return {
        "show": bool(shown),
        "mode": "table" if mode == "table" else "list",
        "placement": legend.choice("placement", {"bottom": "bottom", "right": "right", "top": "bottom"}) or "bottom",
        "calculations": legend.texts("calcs"),
        "width": legend.number("width"),
        "sort_by": legend.text("sortBy"),
        "sort_descending": legend.flag("sortDesc") is True,
    }


def read_tooltip(tooltip: Keys) -> dict[str, Any]:
    tooltip.skip("maxHeight", "maxWidth", "hideZeros")
    return {
        "mode": tooltip.choice("mode", {"single": "single", "multi": "multi", "none": "none", "multi-series": "multi"})
        or "single",
        "sort": tooltip.choice("sort", ("none", "asc", "desc")) or "none",
    }


def read_reduce(options: Keys) -> dict[str, Any]:
    """Of `reduceOptions`, and of Grafana 6's `fieldOptions`."""
    reduce = options.below("reduceOptions" if "reduceOptions" in options else "fieldOptions")
    reduce.skip("defaults", "overrides", "override", "thresholds", "mappings")
    return {
        "calculations": reduce.texts("calcs") or ["lastNotNull"],
        "all_values": reduce.flag("values") is True,
        "limit": reduce.whole("limit"),
        "fields": reduce.text("fields") or "",
    }


def _sizes(options: Keys) -> dict[str, Any]:
    sizes = options.below("text")
    return {"value_size": sizes.number("valueSize"), "title_size": sizes.number("titleSize")}


def _timeseries(options: Keys) -> dict[str, Any]:
    options.skip("graph", "tooltipOptions", "timezone", "orientation", "dataLinks", "alertThreshold", "annotations")
    return _drawn(options)


def _drawn(options: Keys) -> dict[str, Any]:
    return {"legend": read_legend(options.below("legend")), "tooltip": read_tooltip(options.below("tooltip"))}


def _stat(options: Keys) -> dict[str, Any]:
    options.skip("legend", "tooltip", "showThresholdLabels", "showThresholdMarkers")  # another type's
    options.skip("percentChangeColorMode", "legend", "tooltip", "showThresholdLabels", "showThresholdMarkers")
    return {
        "reduce": read_reduce(options),
        "color": options.choice("colorMode", ("none", "value", "background", "background_solid")) or "value",
        "graph": options.choice("graphMode", {"none": "none", "area": "area", "line": "area"}) or "area",
        "text": options.choice("textMode", ("auto", "value", "value_and_name", "name", "none")) or "auto",
        "justify": options.choice("justifyMode", ("auto", "center")) or "auto",
        "orientation": options.choice("orientation", _ORIENTATIONS) or "auto",
        "wide": options.flag("wideLayout", default=True),
        "percent_change": options.flag("showPercentChange") is True,
        **_sizes(options),
    }


def _gauge(options: Keys) -> dict[str, Any]:
    options.skip(
        "sizing", "minVizWidth", "minVizHeight", "effects", "shape", "barShape", "barWidthFactor",
        "endpointMarker", "segmentCount", "segmentSpacing", "sparkline", "textMode", "barWidth", "glow",
        "gradient",
    )  # fmt: skip
    return {
        "reduce": read_reduce(options),
        "orientation": options.choice("orientation", _ORIENTATIONS) or "auto",
        "threshold_labels": options.flag("showThresholdLabels") is True,
        "threshold_markers": options.flag("showThresholdMarkers", default=True),
        **_sizes(options),
    }


def _bargauge(options: Keys) -> dict[str, Any]:
    options.skip("sizing", "minVizWidth", "minVizHeight", "maxVizHeight", "namePlacement")
    return {
        "reduce": read_reduce(options),
        "orientation": options.choice("orientation", _ORIENTATIONS) or "auto",
        "mode": options.choice("displayMode", ("basic", "gradient", "lcd")) or "gradient",
        "values": options.choice("valueMode", ("color", "text", "hidden")) or "color",
        "unfilled": options.flag("showUnfilled", default=True),
        "legend": read_legend(options.below("legend")) if "legend" in options else None,
        **_sizes(options),
    }


def _table(options: Keys) -> dict[str, Any]:
    options.skip(
        "legend", "tooltip", "graphMode", "colorMode", "reduceOptions", "orientation", "textMode"
    )  # of another type
    footer = options.below("footer")
    calculations, fields = footer.texts("reducer"), footer.texts("fields")
    shown = footer.flag("show") is True
    footer.skip("reducer", "countRows", "fields")
    pages = footer.flag("enablePagination") is True or options.flag("enablePagination") is True
    return {
        "header": options.flag("showHeader", default=True),
        "sort": [
            {"field": name, "descending": one.flag("desc") is True}
            for one in options.each("sortBy")
            if (name := one.text("displayName"))
        ],
        "footer": (calculations or ["sum"]) if shown else None,
        "footer_fields": fields,
        "cell_height": options.choice("cellHeight", ("sm", "md", "lg", "auto")) or "sm",
        "pages": pages,
        "frame": options.whole("frameIndex") or 0,
    }


def _heatmap(options: Keys) -> dict[str, Any]:
    counting = options.below("calculation")
    color, axis, values = options.below("color"), options.below("yAxis"), options.below("cellValues")
    hidden, tooltip = options.below("filterValues"), options.below("tooltip")
    scale = counting.below("yBuckets").below("scale")
    tooltip.skip("yHistogram", "showColorScale", "show")
    axis.skip("axisPlacement", "axisLabel", "axisWidth", "axisColorMode", "axisBorderShow", "axisCenteredZero")
    color.skip("scale", "mode")
    options.skip("exemplars", "cellRadius", "showValue", "selectionMode")
    rows = options.below("rowsFrame")
    rows.skip("value")
    log = scale.number("log") if scale.choice("type", ("linear", "log", "symlog")) == "log" else None
    return {
        "calculate": options.flag("calculate") is True,
        "x_buckets": counting.below("xBuckets").text("value"),
        "y_buckets": counting.below("yBuckets").text("value"),
        "y_log_base": (2 if log == 2 else 10) if log else None,
        "unit": axis.text("unit"),
        "decimals": axis.whole("decimals", most=20),
        "y_min": axis.number("min"),
        "y_max": axis.number("max"),
        "y_reverse": axis.flag("reverse") is True,
        "le_labels": rows.choice("layout", ("auto", "le", "ge", "unknown")) or "auto",
        "color": "opacity" if color.raw.get("mode") == "opacity" else "scheme",
        "scheme": color.text("scheme") or "Oranges",
        "fill": color.text("fill"),
        "steps": color.whole("steps", least=2, most=128) or 64,
        "exponent": color.number("exponent") or 0.5,
        "reverse": color.flag("reverse") is True,
        "color_min": color.number("min"),
        "color_max": color.number("max"),
        "hide_below": hidden.number("le"),
        "hide_above": hidden.number("ge"),
        "cell_gap": options.number("cellGap") or 0,
        "show_values": options.raw.get("showValue") == "always",
        "value_unit": values.text("unit"),
        "value_decimals": values.whole("decimals", most=20),
        "legend": options.below("legend").flag("show", default=True),
        "tooltip": read_tooltip(tooltip),
    }


def _histogram(options: Keys) -> dict[str, Any]:
    return {
        "bucket_count": options.whole("bucketCount", least=1),
        "bucket_size": options.number("bucketSize"),
        "bucket_offset": options.number("bucketOffset"),
        "combine": options.flag("combine") is True,
        **_drawn(options),
    }


def _pie(options: Keys) -> dict[str, Any]:
    legend = options.below("legend")
    values = [one for one in legend.texts("values") if one in ("value", "percent")]
    options.skip("sort")
    labels = [one for one in options.texts("displayLabels") if one in ("name", "value", "percent")]
    return {
        "reduce": read_reduce(options),
        "donut": options.choice("pieType", ("pie", "donut")) == "donut",
        "labels": list(dict.fromkeys(labels)),
        "legend_values": list(dict.fromkeys(values)),
        **_drawn(options),
    }


def _barchart(options: Keys) -> dict[str, Any]:
    return {
        "orientation": options.choice("orientation", _ORIENTATIONS) or "auto",
        "x_field": options.text("xField"),
        "color_by_field": options.text("colorByField"),
        "stack": options.choice("stacking", {"none": "off", "normal": "normal", "percent": "percent"}) or "off",
        "show_values": options.choice("showValue", _SHOW) or "auto",
        "bar_width": _or(options.number("barWidth"), 0.97),
        "group_width": _or(options.number("groupWidth"), 0.7),
        "bar_radius": options.number("barRadius") or 0,
        "full_highlight": options.flag("fullHighlight") is True,
        "x_label_rotation": options.number("xTickLabelRotation") or 0,
        "x_label_length": options.number("xTickLabelMaxLength"),
        "x_label_spacing": options.number("xTickLabelSpacing") or 0,
        "value_size": options.below("text").number("valueSize"),
        **_drawn(options),
    }


def _state_timeline(options: Keys) -> dict[str, Any]:
    return {
        "merge": options.flag("mergeValues", default=True),
        "show_values": options.choice("showValue", _SHOW) or "auto",
        "align": options.choice("alignValue", ("left", "center", "right")) or "left",
        "row_height": _or(options.number("rowHeight"), 0.9),
        "rows_per_page": options.whole("perPage", least=1),
        **_drawn(options),
    }


def _status_history(options: Keys) -> dict[str, Any]:
    return {
        "show_values": options.choice("showValue", _SHOW) or "auto",
        "row_height": _or(options.number("rowHeight"), 0.9),
        "column_width": _or(options.number("colWidth"), 0.9),
        "rows_per_page": options.whole("perPage", least=1),
        **_drawn(options),
    }


def _text(options: Keys) -> dict[str, Any]:
    code = options.below("code")
    code.skip("showLineNumbers", "showMiniMap")
    mode = options.choice("mode", {"markdown": "markdown", "html": "html", "code": "code", "text": "code"})
    return {
        "mode": mode or "markdown",
        "content": options.text("content") or "",
        "language": code.text("language") or "plaintext",
    }


def _logs(options: Keys) -> dict[str, Any]:
    options.skip(
        "enableInfiniteScrolling", "showLogContextToggle", "fontSize", "showControls", "syntaxHighlighting",
        "showLogAttributes", "unwrappedColumns", "timestampResolution", "detailsMode", "controlsStorageKey",
    )  # fmt: skip
    return {
        "newest_first": options.choice("sortOrder", ("Descending", "Ascending")) != "Ascending",
        "show_time": options.flag("showTime") is True,
        "show_labels": options.flag("showLabels") is True,
        "show_common_labels": options.flag("showCommonLabels") is True,
        "wrap": options.flag("wrapLogMessage") is True,
        "pretty": options.flag("prettifyLogMessage") is True,
        "details": options.flag("enableLogDetails", default=True),
        "dedup": options.choice("dedupStrategy", ("none", "exact", "numbers", "signature")) or "none",
    }


def _plain(_options: Keys) -> dict[str, Any]:
    return {}


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


READERS: dict[str, tuple[str, Callable[[Keys], dict[str, Any]]]] = {
    "timeseries": ("timeseries", _timeseries),
    "stat": ("stat", _stat),
    "gauge": ("gauge", _gauge),
    "bargauge": ("bargauge", _bargauge),
    "table": ("table", _table),
    "heatmap": ("heatmap", _heatmap),
    "histogram": ("histogram", _histogram),
    "piechart": ("pie", _pie),
    "barchart": ("barchart", _barchart),
    "state-timeline": ("state-timeline", _state_timeline),
    "status-history": ("status-history", _status_history),
    "text": ("text", _text),
    "logs": ("logs", _logs),
    "traces": ("traces", _plain),
    "nodeGraph": ("nodeGraph", _plain),
}
"""By Grafana's type: our kind, and what reads its options."""
