"""What `alertmanager.yml` may say: the keys of Alertmanager 0.33, with ours below `midwatch`.

Receivers' own entries (`slack_configs` …) are models of the room that delivers.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from midwatch.contract.plan.section import Duration, Model
from midwatch.server.alerting.config.intervals import INTERVALS_MAX, HolidaysConfig, NamedIntervals
from midwatch.server.promql.matchers import Matcher, compile_pattern, matcher
from midwatch.server.protocols.alertmanager.matchers import WrittenMatcher, read_matchers

ROUTES_MAX = 2000
"""Children of one route."""
RECEIVERS_MAX = 2000
RULES_MAX = 1000
NAME_CHARACTERS_MAX = 300
_PATTERN_CHARACTERS_MAX = 8192
WAIT_SECONDS_MAX = 5 * 31_536_000.0

Name = Annotated[str, Field(max_length=NAME_CHARACTERS_MAX)]
Value = Annotated[str, Field(max_length=_PATTERN_CHARACTERS_MAX)]


def compiled(one: WrittenMatcher) -> Matcher:
    """As Alertmanager has it: the dot is no line break. Raises ValueError."""
    if one.operator in ("=~", "!~"):
        made = matcher(one.name, one.operator, one.value)
        return Matcher(one.name, made.type, one.value, compile_pattern(f"(?-s:{one.value})"))
    return matcher(one.name, one.operator, one.value)


def _pattern(text: str) -> str:
    try:
        compile_pattern(text)
    except ValueError as error:
        raise ValueError(f"expected a regular expression of RE2: {error}") from None
    return text


def _matchers(text: str) -> str:
    try:
        for one in read_matchers(text):
            compiled(one)
    except ValueError as error:
        raise ValueError(f'expected matchers such as severity="critical" or service=~"api|web": {error}') from None
    return text


def _label_name(text: str) -> str:
    if not text:
        raise ValueError("expected the name of a label")
    return text


def _wait(seconds: float) -> float:
    if seconds > WAIT_SECONDS_MAX:
        raise ValueError("expected at most 5y")
    return seconds


Wait = Annotated[Duration, AfterValidator(_wait)]
"""Added to a moment, which 64 bits of nanoseconds hold until 2262; `repeat_interval` may be any time."""
Pattern = Annotated[Value, AfterValidator(_pattern)]
Matchers = tuple[Annotated[Value, AfterValidator(_matchers)], ...]
LabelName = Annotated[Name, AfterValidator(_label_name)]
Few = Field(default=(), max_length=INTERVALS_MAX)


class GlobalConfig(Model):
    resolve_timeout: Wait = 300.0
    http_config: dict[str, Any] = Field(default_factory=dict)
    jira_api_url: Value = ""
    smtp_from: Value = ""
    smtp_hello: Value = "localhost"
    smtp_smarthost: Value = ""
    smtp_auth_username: Value = ""
    smtp_auth_password: Value = ""
    smtp_auth_password_file: Value = ""
    smtp_auth_secret: Value = ""
    smtp_auth_secret_file: Value = ""
    smtp_auth_identity: Value = ""
    smtp_require_tls: bool = True
    smtp_tls_config: dict[str, Any] = Field(default_factory=dict)
    smtp_force_implicit_tls: bool | None = None
    slack_api_url: Value = ""
    slack_api_url_file: Value = ""
    slack_app_token: Value = ""
    slack_app_token_file: Value = ""
    slack_app_url: Value = "https://slack.com/api/chat.postMessage"
    pagerduty_url: Value = "https://events.pagerduty.com/v2/enqueue"
    opsgenie_api_url: Value = "https://api.opsgenie.com/"
    opsgenie_api_key: Value = ""
    opsgenie_api_key_file: Value = ""
    wechat_api_url: Value = "https://qyapi.weixin.qq.com/cgi-bin/"
    wechat_api_secret: Value = ""
    wechat_api_secret_file: Value = ""
    wechat_api_corp_id: Value = ""
    victorops_api_url: Value = "https://alert.victorops.com/integrations/generic/20131114/alert/"
    victorops_api_key: Value = ""
    victorops_api_key_file: Value = ""
    telegram_api_url: Value = "https://api.telegram.org"
    telegram_bot_token: Value = ""
    telegram_bot_token_file: Value = ""
    webex_api_url: Value = "https://webexapis.com/v1/messages"
    rocketchat_api_url: Value = "https://open.rocket.chat/"
    rocketchat_token: Value = ""
    rocketchat_token_file: Value = ""
    rocketchat_token_id: Value = ""
    rocketchat_token_id_file: Value = ""
    mattermost_webhook_url: Value = ""
    mattermost_webhook_url_file: Value = ""


class RouteConfig(Model):
    receiver: Name = ""
    group_by: tuple[LabelName, ...] | None = Field(default=None, max_length=INTERVALS_MAX)
    match: dict[LabelName, Value] = Field(default_factory=dict)
    match_re: dict[LabelName, Pattern] = Field(default_factory=dict)
    matchers: Matchers = Few
    mute_time_intervals: tuple[Name, ...] = Few
    active_time_intervals: tuple[Name, ...] = Few
    continue_: bool = Field(default=False, alias="continue")
    routes: tuple["RouteConfig", ...] = Field(default=(), max_length=ROUTES_MAX)
    group_wait: Wait | None = None
    group_interval: Wait | None = None
    repeat_interval: Duration | None = None
    labels: dict[LabelName, Value] = Field(default_factory=dict)

    def written(self) -> list[WrittenMatcher]:
        """All of its matchers, in the order in which they are written.

        Older patterns with the anchors that Alertmanager puts around them: they are part of its group keys.
        """
        found = [WrittenMatcher(name, "=", value) for name, value in self.match.items()]
        found += [WrittenMatcher(name, "=~", f"^(?:{value})$") for name, value in self.match_re.items()]
        return found + [one for text in self.matchers for one in read_matchers(text)]


class ReceiverConfig(Model):
    """Beside what it has by kind."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    labels: dict[LabelName, Value] = Field(default_factory=dict)


class InhibitRuleConfig(Model):
    name: Name = ""
    source_match: dict[LabelName, Value] = Field(default_factory=dict)
    source_match_re: dict[LabelName, Pattern] = Field(default_factory=dict)
    source_matchers: Matchers = Few
    target_match: dict[LabelName, Value] = Field(default_factory=dict)
    target_match_re: dict[LabelName, Pattern] = Field(default_factory=dict)
    target_matchers: Matchers = Few
    equal: tuple[LabelName, ...] = Few

    def source(self) -> list[WrittenMatcher]:
        return _joined(self.source_match, self.source_match_re, self.source_matchers)

    def target(self) -> list[WrittenMatcher]:
        return _joined(self.target_match, self.target_match_re, self.target_matchers)


def _joined(equal: dict[str, str], patterns: dict[str, str], texts: tuple[str, ...]) -> list[WrittenMatcher]:
    found = [WrittenMatcher(name, "=", value) for name, value in equal.items()]
    found += [WrittenMatcher(name, "=~", value) for name, value in patterns.items()]
    return found + [one for text in texts for one in read_matchers(text)]


class OursConfig(Model):
    """Below `midwatch`: what Alertmanager does not have."""

    holidays: tuple[HolidaysConfig, ...] = Few


class DocumentConfig(Model):
    """`receivers` are models by themselves; here they are as they are written."""

    global_: GlobalConfig = Field(default=GlobalConfig(), alias="global")
    route: RouteConfig | None = None
    receivers: tuple[Any, ...] = Field(default=(), max_length=RECEIVERS_MAX)
    inhibit_rules: tuple[InhibitRuleConfig, ...] = Field(default=(), max_length=RULES_MAX)
    templates: tuple[Value, ...] = Few
    mute_time_intervals: tuple[NamedIntervals, ...] = Few
    time_intervals: tuple[NamedIntervals, ...] = Few
    tracing: dict[str, Any] | None = None
    """Taken and left alone: Midwatch traces itself in its own way. So with the next."""
    event_recorder: dict[str, Any] | None = None
    midwatch: OursConfig = OursConfig()
