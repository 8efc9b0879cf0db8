"""The pure parts: template functions, secrets in what is kept, what answers mean, links, conditions."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from midwatch.contract.plan.explain import listed
from midwatch.server.gotemplate import TemplateError
from midwatch.server.model.alert import Alert
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.notify.channels.slack.interaction import AGE_SECONDS_MAX, Pressed, pressed, verify
from midwatch.server.notify.channels.sns.signature import Keys, signed
from midwatch.server.notify.channels.telegram.message import TEXT_CHARACTERS_MAX, fitting
from midwatch.server.notify.conditions import FAILING_SECONDS, Conditions, recovery_failed
from midwatch.server.notify.data import template_data
from midwatch.server.notify.files import read_templates
from midwatch.server.notify.functions import Moment, humanize_duration
from midwatch.server.notify.kinds import CHANNELS, KINDS
from midwatch.server.notify.links import Links
from midwatch.server.notify.outcome import RETRY_AFTER_SECONDS_MAX, Verdict, judged, retry_after
from midwatch.server.notify.request import Answer, Request, Secrets, cut, cut_bytes, kept_request, secrets_of
from midwatch.server.notify.texts import Texts
from midwatch.server.workspace.deliveries import Fares

NOW = 1_700_000_000_000_000_000
ALERT = Alert(
    {"alertname": "Down", "service": "api", "severity": "critical"},
    NOW - 3_600_000_000_000,
    NOW,
    {"summary": "api is down", "runbook_url": "https://runbooks.example.com/down"},
    "https://midwatch.example.com/rule",
)
NOTIFICATION = Notification(
    Integration("oncall", "slack"), "{}:{}", {"alertname": "Down"}, (ALERT,), (), Reason.FIRST, NOW
)
DATA = template_data(NOTIFICATION, "https://midwatch.example.com", {"team": "shop"})
MOMENT = Moment(NOW, {"team": "shop"})


def _named(kind: str, names: str) -> list[str]:
    return [f"{kind}.default.{name}" for name in names.split()]


ALERTMANAGERS_NAMES = [
    *_named("discord", "message title"),
    *_named("email", "html subject"),
    *_named("jira", "description priority summary"),
    *_named("mattermost", "color fallback text title titlelink username"),
    *_named("msteams", "summary text title"),
    *_named("msteamsv2", "text title"),
    *_named("opsgenie", "description message source"),
    *_named("pagerduty", "client clientURL description instances"),
    *_named("pushover", "message title url"),
    *_named("rocketchat", "emoji iconurl text title titlelink"),
    *_named("slack", "callbackid color fallback footer iconemoji iconurl pretext text title titlelink username"),
    *_named("sns", "message subject"),
    *_named("telegram", "message"),
    *_named("victorops", "entity_display_name monitoring_tool state_message"),
    *_named("webex", "message"),
    *_named("wechat", "agent_id message to_party to_tag to_user"),
    *["__subject", "__alertmanager", "__alertmanagerURL", "__text_alert_list"],
]


@pytest.mark.parametrize("name", ALERTMANAGERS_NAMES)
def test_alertmanagers_own_templates_are_there(name: str) -> None:
    """Under their names, and they render for one alert and for none."""
    texts = Texts()
    given = "(.Alerts.Firing)" if name in ("__text_alert_list", "pagerduty.default.instances") else "."
    for notification in (NOTIFICATION, replace(NOTIFICATION, firing=(), resolved=(ALERT,))):
        data = template_data(notification, "https://midwatch.example.com", {})
        rendered = texts.text(f'{{{{ template "{name}" {given} }}}}', data, MOMENT)
        assert "<no value>" not in rendered


RENDERED = [
    ('{{ "hello wORLD it\'s" | title }} {{ toUpper "a" }}{{ toLower "B" }}', "Hello World It's Ab"),
    ('{{ join "," (stringSlice "a" "b") }} {{ match "^a" "ab" }} {{ match "^b" "ab" }}', "a,b true false"),
    ('{{ reReplaceAll "(a)(b)" "$2${1}x$$" "abab" }} {{ reReplaceAll "a(?P<n>.)" "${n}" "ab" }}', "bax$bax$ b"),
    ('{{ trimSpace "  a " }}|{{ list 1 "a" }} {{ append (list 1) 2 }} {{ (dict "k" 1).k }}', "a|[1 a] [1 2] 1"),
    ('{{ base64encode "a?>" }} {{ base64decode "YT8-" }} {{ urlUnescape "a%20b+c" }}', "YT8- a?> a b c"),
    ('{{ date "2006-01-02" (index .Alerts 0).StartsAt }}', "2023-11-14"),
    ('{{ (index .Alerts 0).StartsAt | tz "Europe/Berlin" | date "15:04 MST" }}', "22:13 CET"),
    ("{{ since (index .Alerts 0).StartsAt }} {{ now.Unix }}", "1h0m0s 1700000000"),
    (
        '{{ humanizeDuration 3661 }} {{ humanizeDuration "0.5" }} {{ humanizeDuration 90061 }}',
        "1h 1m 1s 500ms 1d 1h 1m 1s",
    ),
    ('{{ routeLabels "team" }}{{ routeLabels "none" }}', "shop"),
    ("{{ .GroupLabels | toJson }} {{ .Status | toJson }}", '{"alertname":"Down"} "firing"'),
    ("{{ .CommonLabels.SortedPairs.Values | join ` ` }}", "Down api critical"),
    (
        "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}",
        "alertname=Down service=api severity=critical ",
    ),
    ('{{ (.CommonLabels.Remove (stringSlice "service" "severity")).Names }}', "[alertname]"),
    (
        "{{ .CommonAnnotations.summary }} {{ .CommonAnnotations.nothing }}|{{ .ExternalURL }}",
        "api is down |https://midwatch.example.com",
    ),
    (
        "{{ .Alerts.Firing | len }} {{ .Alerts.Resolved | len }} {{ .Receiver }} {{ .NotificationReason }}",
        "1 0 oncall first_notification",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_functions_and_data_are_alertmanagers(text: str, expected: str) -> None:
    """Each as its documentation has it."""
    assert Texts().text(text, DATA, MOMENT) == expected


@pytest.mark.parametrize(
    "text",
    ['{{ match "(" "a" }}', "{{ toUpper 1 }}", '{{ tz "Nowhere" now }}', "{{ dict 1 }}", '{{ humanizeDuration "x" }}'],
)
def test_functions_say_what_they_cannot_do(text: str) -> None:
    """As an error of the template, with its place."""
    with pytest.raises(TemplateError, match="error calling"):
        Texts().text(text, DATA, MOMENT)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0s"),
        (1.5, "1.5s"),
        (59.99, "59.99s"),
        (60, "1m 0s"),
        (0.0004, "400us"),
        (-90, "-1m 30s"),
        (float("inf"), "+Inf"),
    ],
)
def test_durations_are_written_for_people(seconds: float, expected: str) -> None:
    """As Prometheus writes them."""
    assert humanize_duration(seconds) == expected


def test_no_secret_is_kept() -> None:
    """Wherever it stands: in the address, in headers, in the body, written in other ways; the host may be seen."""
    config = KINDS["webhook"].model_validate(
        {
            "url": "https://user:pass-word@hooks.example.com/T0/secret/part?token=abc def",
            "secret": 'quo"ted secret',
            "http_config": {
                "authorization": {"credentials": "bearer-secret"},
                "http_headers": {"x-key": {"secrets": ("key-secret",)}},
            },
        }
    )
    secrets = Secrets(secrets_of(config))
    request = Request.json(
        "https://user:pass-word@hooks.example.com/T0/secret/part?token=abc def",
        {"a": 'quo"ted secret', "b": "bearer-secret", "c": "quo%22ted%20secret"},
        {"authorization": "Bearer bearer-secret", "x-key": "key-secret", "x-other": "fine"},
    )
    kept = kept_request(request, secrets)
    assert kept["url"].startswith("https://")
    assert "hooks.example.com" in kept["url"]
    text = str(kept)
    assert not [
        one for one in ("T0/secret", "pass-word", "ted secret", "bearer-secret", "key-secret", "ted%20") if one in text
    ]
    assert kept["headers"]["x-other"] == "fine"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.DELIVERED) for status in (200, 201, 202, 204)),
        *((status, Verdict.AGAIN) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, Verdict.REFUSED) for status in (301, 400, 401, 403, 404, 410, 413, 422)),
    ],
)
def test_what_an_answer_means(status: int, verdict: Verdict) -> None:
    """What passes is tried again; what does not is not."""
    assert judged(Answer(status, {}, b"why"), 0.0).verdict is verdict


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0.5", 0.5),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2000 22:13:30 GMT", 0.0),
        ("99999999", RETRY_AFTER_SECONDS_MAX),
        *((text, None) for text in ("", "soon", "-1", "nan", "x GMT")),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str, seconds: float | None) -> None:
    """RFC 9110; bounded, and nothing where it cannot be read."""
    assert retry_after(text, NOW / 1e9) == seconds


def test_texts_are_cut_to_what_fits() -> None:
    """In characters and in bytes, whole ones; of HTML with every tag closed."""
    assert (cut("abcdef", 6), cut("abcdefg", 6)) == ("abcdef", "abcde…")
    assert (cut_bytes("ééé", 6), cut_bytes("éééé", 7)) == ("ééé", "éé…")
    text = fitting("<b>x</b>" + "<b><i>" + "&amp;" * 2000 + "</i></b>", html=True)
    assert len(text) <= TEXT_CHARACTERS_MAX
    assert text.endswith("…</i></b>")
    assert text.count("<b>") == text.count("</b>")
    assert "&am…" not in text


def test_links_hold_for_what_they_were_made_for() -> None:
    """Another notification's signature, or a changed one, does not."""
    links = Links(b"k" * 32)
    url = links.acknowledge("https://m.example.com/", "0190-a")
    signature = url.rpartition("=")[2]
    assert url == f"https://m.example.com/ack?n=0190-a&s={signature}"
    assert links.holds("0190-a", signature)
    assert not links.holds("0190-b", signature)
    assert not links.holds("0190-a", signature[:-1])
    assert not links.holds("0190-a", "é")
    assert not Links(b"j" * 32).holds("0190-a", signature)


def test_presses_are_slacks_own() -> None:
    """Signed by one of the secrets, within five minutes."""
    now, body = time.time(), b"payload=x"

    def sign(secret: str, seconds: str) -> str:
        return "v0=" + hmac.new(secret.encode(), b"v0:" + seconds.encode() + b":" + body, hashlib.sha256).hexdigest()

    fresh, old = str(int(now)), str(int(now - AGE_SECONDS_MAX - 2))
    verify(body, fresh, sign("two", fresh), ["one", "two"], now)
    for seconds, signature, secrets in (
        (fresh, sign("three", fresh), ["one", "two"]),
        (old, sign("two", old), ["two"]),
        ("x", sign("two", "x"), ["two"]),
        (fresh, "", ["two"]),
        (fresh, sign("", fresh), []),
    ):
        with pytest.raises(BadRequest):
            verify(body, seconds, signature, secrets, now)


def test_only_our_buttons_count() -> None:
    """Whatever else is in the payload; what is no JSON is the sender's mistake."""
    actions = [{"action_id": "midwatch_silence", "value": "n"}, {"action_id": "x", "value": "y"}, 3]
    ours = json.dumps({"user": {"id": "U1"}, "actions": actions})
    assert pressed(ours) == [Pressed("midwatch_silence", "n", "U1 (Slack)")]
    assert pressed("[]") == pressed("{}") == pressed('{"actions": 1}') == []
    with pytest.raises(BadRequest):
        pressed("{")


def test_a_receiver_that_fails_is_told_of_until_it_works() -> None:
    """After two minutes of failures, or at once where something was lost; resolved once."""
    one = Integration("oncall", "slack")
    conditions = Conditions()
    since_ms = NOW // 1_000_000
    failing = Fares(failing_since_ms=since_ms, error="answered 503")
    assert conditions.alerts({one: failing}, NOW + int((FAILING_SECONDS - 1) * 1e9)) == []
    (fires,) = conditions.alerts({one: failing}, NOW + int(FAILING_SECONDS * 1e9))
    assert (fires.name, fires.starts_at_ns) == ("MidwatchCannotNotify", NOW)
    (still,) = conditions.alerts({one: failing}, NOW + int(300 * 1e9))
    assert (still.fingerprint, still.starts_at_ns) == (fires.fingerprint, NOW)
    (ended,) = conditions.alerts({one: Fares(delivered_ms=since_ms)}, NOW + int(400 * 1e9))
    assert ended.ends_at_ns == NOW + int(400 * 1e9)
    assert conditions.alerts({one: Fares()}, NOW + int(500 * 1e9)) == []
    assert len(conditions.alerts({one: replace(failing, lost=True)}, NOW)) == 1


def test_a_failed_recovery_goes_where_its_alert_went() -> None:
    """The labels are those of what it was for, so that the same routes and people are found; the runbook, too."""
    found = recovery_failed(NOTIFICATION, "answered 500", NOW)
    assert found.labels == {
        "alertname": "MidwatchRecoveryFailed",
        "alert": "Down",
        "service": "api",
        "severity": "critical",
        "hook": "oncall/slack[0]",
    }
    assert found.annotations["runbook_url"] == "https://runbooks.example.com/down"


REFUSED: list[tuple[str, Mapping[str, Any], str]] = [
    ("slack", {"api_url": "https://x.example.com", "app_token": "t"}, "expected one of api_url"),
    ("slack", {"api_url": "hooks"}, "expected an http or https URL"),
    ("slack", {"api_url": "https://x.example.com", "update_message": True}, "a webhook cannot update"),
    ("slack", {"api_url": "https://x.example.com", "title": "{{ nope }}"}, "function 'nope' not defined"),
    ("slack", {"fields": [{"title": ""}]}, "fields.0"),
    ("webhook", {}, "expected one of url, url_file"),
    ("webhook", {"url": "https://x.example.com", "timeout": "10m"}, "at most 5m"),
    (
        "webhook", {"url": "https://x.example.com", "http_config": {"bearer_token": "a", "basic_auth": {}}},
        "expected one of basic_auth",
    ),
    ("pagerduty", {}, "expected one of routing_key"),
    ("opsgenie", {"responders": [{"name": "a", "type": "crew"}]}, "type=crew"),
    ("email", {"to": "a@b.c", "smarthost": "mail"}, "expected host:port"),
    ("email", {"to": "a@b.c", "headers": {"X-A": "1", "x-a": "2"}}, "each header once"),
    ("telegram", {"bot_token": "t"}, "expected one of chat_id"),
    ("victorops", {"routing_key": "a", "custom_fields": {"entity_id": "x"}}, "entity_id is a field of its own"),
    ("webex", {"room_id": "a"}, "http_config.authorization"),
    ("github", {"repository": "app", "token": "t"}, "repository"),
    ("ntfy", {"topic": "a b"}, "topic"),
    ("apprise", {}, "expected one of url"),
    ("incidentio", {"url": "https://x.example.com"}, "expected alert_source_token"),
    ("discord", {"webhook_url": "https://x.example.com", "nope": 1}, "nope"),
    ("jira", {"project": "OPS"}, "issue_type"),
    ("jira", {"project": "OPS", "issue_type": "Bug", "api_type": "server"}, "'auto', 'cloud' or 'datacenter'"),
    ("jira", {"project": "OPS", "issue_type": "Bug", "summary": {"update": True}}, "summary.update"),
    ("sns", {}, "expected one of topic_arn"),
    ("sns", {"topic_arn": "a", "phone_number": "+1"}, "expected one of topic_arn"),
    ("sns", {"topic_arn": "a", "sigv4": {"access_key": "a"}}, "expected both access_key and secret_key"),
    ("sns", {"topic_arn": "a", "sigv4": {"role_arn": "a"}}, "profiles and roles of AWS are not used"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "entry", "message"), REFUSED)
def test_entries_that_cannot_work_are_refused(kind: str, entry: Mapping[str, Any], message: str) -> None:
    """One mistake each."""
    with pytest.raises(ValidationError) as refused:
        KINDS[kind].model_validate(listed(dict(entry)))
    assert message in str(refused.value)


def test_every_channel_tells_whether_resolved_is_sent() -> None:
    """By Alertmanager's own defaults."""
    quiet = {kind for kind, config in KINDS.items() if not config.model_fields["send_resolved"].default}
    assert quiet == {"slack", "email", "wechat", "rocketchat"}
    assert {kind for kind, channel in CHANNELS.items() if channel.acknowledges} == {
        "slack", "pagerduty", "opsgenie", "jsm", "victorops", "github",
    }  # fmt: skip


def test_templates_of_a_plan_are_read_each() -> None:
    """A mistake has its file, line and column; other files are taken."""
    read = read_templates(
        {"templates/a.tmpl": "{{ define `a` }}x{{ end }}", "templates/b.tmpl": "\n {{ x }}", "templates/c.txt": ""}
    )
    assert list(read.values) == ["templates/a.tmpl"]
    assert [str(one) for one in read.problems] == [
        "templates/b.tmpl:2:5: function 'x' not defined",
        "templates/c.txt:1:1: warning: is not read: templates are *.tmpl",
    ]


AWS_AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()
AWS_KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AWS_VECTORS = [
    (Request("GET", "https://example.amazonaws.com/"), "service", "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    (Request("POST", "https://example.amazonaws.com/", FORM, b"Param1=value1"), "service",
     "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    (Request("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
             {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}), "iam",
     "content-type;host;x-amz-date", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "service", "names", "signature"), AWS_VECTORS)
def test_requests_are_signed_as_aws_publishes(request_: Request, service: str, names: str, signature: str) -> None:
    """`get-vanilla` and `post-x-www-form-urlencoded` of its test suite, and the example of its documentation."""
    made = signed(request_, AWS_KEYS, "us-east-1", service, AWS_AT)
    scope = f"20150830/us-east-1/{service}/aws4_request"
    said = f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, Signature={signature}"
    assert (made.headers["authorization"], made.headers["x-amz-date"]) == (said, "20150830T123600Z")
