"""What a log record of a browser says, as SQL over `logs`: whichever SDK it came from.

Sentry's items are made into such records (`protocols/sentry/web_vitals.py`); OpenTelemetry's web SDK sends them itself.
"""

from midwatch.server.model.web_vital import EVENT_NAME

PLACEHOLDER = "*"
"""For a part of a path that names one thing of many."""
_ONE_OF_MANY = (
    "^([0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    "|[0-9a-fA-F]*[0-9][0-9a-fA-F]{11,}|[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]{19,})$"
)
"""Numbers, UUIDs, long hex digits, and long words that have a digit."""


def _said(name: str) -> str:
    return f"LogAttributes['{name}']"


_SENT_PATH = f"if({_said('url.path')} != '', {_said('url.path')}, path({_said('url.full')}))"
_TEMPLATED = (
    f"arrayStringConcat(arrayMap(s -> if(match(s, '{_ONE_OF_MANY}'), '{PLACEHOLDER}', s),"
    f" splitByChar('/', {_SENT_PATH})), '/')"
)
IS_VITAL = f"EventName = '{EVENT_NAME}'"
NAME = f"lower({_said('browser.web_vital.name')})"
VALUE = f"toFloat64OrNull({_said('browser.web_vital.value')})"
"""Milliseconds; of CLS a score."""
PATH = _SENT_PATH
ROUTE = (
    f"multiIf({_said('url.template')} != '', {_said('url.template')}, {_said('http.route')} != '',"
    f" {_said('http.route')}, {_TEMPLATED})"
)
"""As the router has it, else the path with what names one thing of many taken out."""
RELEASE = "ResourceAttributes['service.version']"
USER_AGENT = (
    f"if({_said('user_agent.original')} != '', {_said('user_agent.original')},"
    " ResourceAttributes['user_agent.original'])"
)
_BRANDS = f"concat({USER_AGENT}, ' ', ResourceAttributes['browser.brands'])"
BROWSER = f"""multiIf({_said("browser.name")} != '', {_said("browser.name")},
    match({_BRANDS}, 'Edg(e|A|iOS)?/|Microsoft Edge'), 'Edge', match({_BRANDS}, 'OPR/|Opera'), 'Opera',
    match({_BRANDS}, 'SamsungBrowser/'), 'Samsung Internet', match({_BRANDS}, 'Firefox/|FxiOS/'), 'Firefox',
    match({_BRANDS}, 'Chrom(e|ium)|CriOS/'), 'Chrome', match({_BRANDS}, 'Safari/'), 'Safari',
    trimBoth({_BRANDS}) = '', '', 'other')"""
DEVICE = f"""multiIf({_said("device.type")} != '', lower({_said("device.type")}),
    match({USER_AGENT}, 'iPad|Tablet|Silk/') OR (match({USER_AGENT}, 'Android') AND NOT match({USER_AGENT}, 'Mobi')), 'tablet',
    match({USER_AGENT}, 'Mobi|iPhone|iPod') OR ResourceAttributes['browser.mobile'] = 'true', 'mobile',
    {USER_AGENT} = '', '', 'desktop')"""
USER = _said("user.id")
SESSION = _said("session.id")

FILTERS = {
    "service": "toString(ServiceName)",
    "route": ROUTE,
    "device": DEVICE,
    "browser": BROWSER,
    "release": RELEASE,
}
"""What an answer can be narrowed to, and by what it is broken down."""


def of_spans(expression: str) -> str:
    """The same over `spans`, whose attributes have the same names."""
    return expression.replace("LogAttributes", "SpanAttributes")


CORE = ("lcp", "inp", "cls")
"""Those that a page is judged by."""
