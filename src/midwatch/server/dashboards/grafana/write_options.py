"""What a kind of panel has of its own → `options`."""

from collections.abc import Callable
from typing import Any

from midwatch.server.dashboards.grafana.write_fields import without_none
from midwatch.server.schemas.dashboards import options as o


def written_options(options: o.BoardOptions) -> tuple[str, dict[str, Any]]:
    """Grafana's type and options. Of a panel that was refused, the original alone knows what it showed."""
    if isinstance(options, o.BoardRefused):
        return options.type or "text", {}
    kind, write = _WRITERS[type(options)]
    return kind, write(options)


def _legend(legend: o.BoardLegend) -> dict[str, Any]:
    found = {
        "showLegend": legend.show,
        "displayMode": legend.mode,
        "placement": legend.placement,
        "calcs": legend.calculations,
        "width": legend.width,
        "sortBy": legend.sort_by,
        "sortDesc": legend.sort_descending or None,
    }
    return without_none(found)


def _tooltip(tooltip: o.BoardTooltip) -> dict[str, Any]:
    return {"mode": tooltip.mode, "sort": tooltip.sort}


def _reduce(reduce: o.BoardReduce) -> dict[str, Any]:
    found = {"calcs": reduce.calculations, "values": reduce.all_values, "fields": reduce.fields, "limit": reduce.limit}
    return without_none(found)


def _sizes(options: Any) -> dict[str, Any]:
    found = without_none({"valueSize": options.value_size, "titleSize": options.title_size})
    return {"text": found} if found else {}


def _drawn(options: Any) -> dict[str, Any]:
    return {"legend": _legend(options.legend), "tooltip": _tooltip(options.tooltip)}


def _stat(options: o.BoardStat) -> dict[str, Any]:
    return {
        "reduceOptions": _reduce(options.reduce),
        "colorMode": options.color,
        "graphMode": options.graph,
        "textMode": options.text,
        "justifyMode": options.justify,
        "orientation": options.orientation,
        "wideLayout": options.wide,
        "showPercentChange": options.percent_change,
        **_sizes(options),
    }


def _gauge(options: o.BoardGauge) -> dict[str, Any]:
    return {
        "reduceOptions": _reduce(options.reduce),
        "orientation": options.orientation,
        "showThresholdLabels": options.threshold_labels,
        "showThresholdMarkers": options.threshold_markers,
        **_sizes(options),
    }


def _bargauge(options: o.BoardBarGauge) -> dict[str, Any]:
    return {
        "reduceOptions": _reduce(options.reduce),
        "orientation": options.orientation,
        "displayMode": options.mode,
        "valueMode": options.values,
        "showUnfilled": options.unfilled,
        **({"legend": _legend(options.legend)} if options.legend else {}),
        **_sizes(options),
    }


def _table(options: o.BoardTable) -> dict[str, Any]:
    footer = {"show": options.footer is not None, "reducer": options.footer or ["sum"], "fields": options.footer_fields}
    return {
        "showHeader": options.header,
        "sortBy": [{"displayName": one.field, "desc": one.descending} for one in options.sort],
        "footer": {**footer, "enablePagination": options.pages},
        "cellHeight": options.cell_height,
        "frameIndex": options.frame,
    }


def _heatmap(options: o.BoardHeatmap) -> dict[str, Any]:
    log = {"type": "log", "log": options.y_log_base} if options.y_log_base else None
    buckets = {
        "xBuckets": {"value": options.x_buckets},
        "yBuckets": without_none({"value": options.y_buckets, "scale": log}),
    }
    return {
        "calculate": options.calculate,
        **({"calculation": buckets} if options.calculate else {}),
        "color": without_none(
            {
                "mode": options.color,
                "scheme": options.scheme,
                "fill": options.fill,
                "steps": options.steps,
                "exponent": options.exponent,
                "reverse": options.reverse,
                "min": options.color_min,
                "max": options.color_max,
            }
        ),
        "yAxis": without_none(
            {
                "unit": options.unit,
                "decimals": options.decimals,
                "min": options.y_min,
                "max": options.y_max,
                "reverse": options.y_reverse,
            }
        ),
        "rowsFrame": {"layout": options.le_labels},
        "filterValues": without_none({"le": options.hide_below, "ge": options.hide_above}),
        "cellGap": options.cell_gap,
        "showValue": "always" if options.show_values else "never",
        "cellValues": without_none({"unit": options.value_unit, "decimals": options.value_decimals}),
        "legend": {"show": options.legend},
        "tooltip": _tooltip(options.tooltip),
    }


def _histogram(options: o.BoardHistogram) -> dict[str, Any]:
    sizes = {
        "bucketCount": options.bucket_count,
        "bucketSize": options.bucket_size,
        "bucketOffset": options.bucket_offset,
    }
    return {**without_none(sizes), "combine": options.combine, **_drawn(options)}


def _pie(options: o.BoardPie) -> dict[str, Any]:
    return {
        "reduceOptions": _reduce(options.reduce),
        "pieType": "donut" if options.donut else "pie",
        "displayLabels": options.labels,
        "legend": {**_legend(options.legend), "values": options.legend_values},
        "tooltip": _tooltip(options.tooltip),
    }


def _barchart(options: o.BoardBarChart) -> dict[str, Any]:
    return without_none(
        {
            "orientation": options.orientation,
            "xField": options.x_field,
            "colorByField": options.color_by_field,
            "stacking": {"off": "none"}.get(options.stack, options.stack),
            "showValue": options.show_values,
            "barWidth": options.bar_width,
            "groupWidth": options.group_width,
            "barRadius": options.bar_radius,
            "fullHighlight": options.full_highlight,
            "xTickLabelRotation": options.x_label_rotation,
            "xTickLabelMaxLength": options.x_label_length,
            "xTickLabelSpacing": options.x_label_spacing,
            "text": {"valueSize": options.value_size} if options.value_size is not None else None,
            **_drawn(options),
        }
    )


def _state_timeline(options: o.BoardStateTimeline) -> dict[str, Any]:
    return without_none(
        {
            "mergeValues": options.merge,
            "showValue": options.show_values,
            "alignValue": options.align,
            "rowHeight": options.row_height,
            "perPage": options.rows_per_page,
            **_drawn(options),
        }
    )


def _status_history(options: o.BoardStatusHistory) -> dict[str, Any]:
    return without_none(
        {
            "showValue": options.show_values,
            "rowHeight": options.row_height,
            "colWidth": options.column_width,
            "perPage": options.rows_per_page,
            **_drawn(options),
        }
    )


def _text(options: o.BoardText) -> dict[str, Any]:
    return {"mode": options.mode, "content": options.content, "code": {"language": options.language}}


def _logs(options: o.BoardLogs) -> dict[str, Any]:
    return {
        "sortOrder": "Descending" if options.newest_first else "Ascending",
        "showTime": options.show_time,
        "showLabels": options.show_labels,
        "showCommonLabels": options.show_common_labels,
        "wrapLogMessage": options.wrap,
        "prettifyLogMessage": options.pretty,
        "enableLogDetails": options.details,
        "dedupStrategy": options.dedup,
    }


def _plain(_options: Any) -> dict[str, Any]:
    return {}


_WRITERS: dict[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    o.BoardTimeseries: ("timeseries", _drawn),
    o.BoardStat: ("stat", _stat),
    o.BoardGauge: ("gauge", _gauge),
    o.BoardBarGauge: ("bargauge", _bargauge),
    o.BoardTable: ("table", _table),
    o.BoardHeatmap: ("heatmap", _heatmap),
    o.BoardHistogram: ("histogram", _histogram),
    o.BoardPie: ("piechart", _pie),
    o.BoardBarChart: ("barchart", _barchart),
    o.BoardStateTimeline: ("state-timeline", _state_timeline),
    o.BoardStatusHistory: ("status-history", _status_history),
    o.BoardText: ("text", _text),
    o.BoardLogs: ("logs", _logs),
    o.BoardTraces: ("traces", _plain),
    o.BoardNodeGraph: ("nodeGraph", _plain),
}
