"""What each vendor is sent has the shape that it documents: for what fires, is acknowledged, and is resolved."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from apprise.plugins.sns import NotifySNS
from tests.integration.notify.conftest import EXTERNAL, KEY, Office, alert, told
from tests.vendors import JIRA_NONE, Scripted, jira_found

from midwatch.server.model.notification import Reason
from midwatch.server.workspace.outbox import State

CONFIGS: dict[str, dict[str, Any]] = {
    "webhook": {"url": "URL/webhook", "secret": "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="},
    "slack": {
        "api_url": "URL/services/T0/B0/slack-webhook-token",
        "send_resolved": True,
        "channel": "#alerts",
        "fields": [{"title": "Service", "value": "{{ .CommonLabels.severity }} of {{ .Receiver }}", "short": True}],
        "actions": [{"type": "button", "text": "Runbook", "url": "{{ (index .Alerts 0).Annotations.runbook_url }}"}],
    },
    "pagerduty": {
        "routing_key": KEY,
        "url": "URL/v2/enqueue",
        "component": "{{ (index .Alerts 0).Labels.service }}",
        "class": "errors",
        "group": "shop",
        "details": {"team": {"name": "{{ .Receiver }}", "size": 3}},
        "links": [{"href": "https://wiki.example.com/{{ .GroupLabels.alertname }}", "text": "Wiki"}],
        "images": [{"src": "https://img.example.com/x.png", "alt": "x"}],
    },
    "opsgenie": {
        "api_key": KEY,
        "api_url": "URL/opsgenie",
        "responders": [{"type": "team", "name": "ops"}, {"type": "teams", "name": "a, b"}],
        "tags": "shop, {{ .CommonLabels.alertname }}",
        "priority": "P1",
        "details": {"status": "{{ .Status }}"},
        "entity": "shop",
        "note": "a note",
        "update_alerts": True,
    },
    "jsm": {"api_key": KEY, "api_url": "URL/opsgenie/"},
    "msteams": {"webhook_url": "URL/msteams/secret-part"},
    "msteamsv2": {"webhook_url": "URL/workflows/secret-part"},
    "discord": {"webhook_url": "URL/api/webhooks/1/secret-part", "username": "Midwatch"},
    "telegram": {"api_url": "URL", "bot_token": "123456:telegram-bot-token", "chat_id": -100, "message_thread_id": 3},
    "ntfy": {"url": "URL/ntfy", "topic": "alerts", "token": "tk_ntfy_token"},
    "github": {"repository": "team/app", "token": "github_pat_token", "api_url": "URL", "assignees": ["ana"]},
    "pushover": {"user_key": "pushover-user", "token": "pushover-token"},
    "victorops": {
        "api_key": "victorops-key",
        "api_url": "URL/integrations/generic/20131114/alert/",
        "routing_key": "team",
        "custom_fields": {"place": "{{ .Receiver }}"},
    },
    "webex": {
        "api_url": "URL/v1/messages",
        "room_id": "room",
        "http_config": {"authorization": {"credentials": "webex-bot-token"}},
    },
    "rocketchat": {
        "api_url": "URL/",
        "token": "rocket-token",
        "token_id": "rocket-id",
        "channel": "#x",
        "send_resolved": True,
    },
    "mattermost": {"webhook_url": "URL/hooks/secret-part", "channel": "alerts"},
    "wechat": {
        "api_url": "URL/cgi-bin/",
        "api_secret": "wechat-secret",
        "corp_id": "corp",
        "agent_id": "1000002",
        "to_user": "@all",
        "send_resolved": True,
    },
    "jira": {
        "api_url": "URL/rest/api/3/",
        "project": "OPS",
        "issue_type": "Incident",
        "labels": ["alert {{ .Receiver }}"],
        "fields": {"customfield_10001": [{"value": "{{ .Status }}"}]},
        "http_config": {"basic_auth": {"username": "ana@example.com", "password": "jira-token"}},
    },
    "sns": {
        "api_url": "URL/sns/",
        "sigv4": {"region": "eu-central-1", "access_key": "AKIDEXAMPLE", "secret_key": "sns-secret-key"},
        "topic_arn": "arn:aws:sns:eu-central-1:123456789012:alerts.fifo",
        "attributes": {"severity": "{{ .CommonLabels.severity }}", "team": "ops"},
    },
    "incidentio": {"url": "URL/incidentio", "alert_source_token": "incident-token", "max_alerts": 1},
}
EVERYWHERE = {"pushover_api_url": "URL/1/messages.json"}
SECRETS = (
    *(KEY, "slack-webhook-token", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=", "secret-part", "telegram-bot-token"),
    *("tk_ntfy_token", "github_pat_token", "pushover-user", "pushover-token", "victorops-key", "webex-bot-token"),
    *("jira-token", "sns-secret-key"),
    *("rocket-token", "rocket-id", "wechat-secret", "wechat-access-token", "incident-token"),
)


@pytest.mark.parametrize("kind", list(CONFIGS))
async def test_what_is_sent_is_what_the_vendor_documents(office: Office, kind: str) -> None:
    """Firing and resolved are delivered with one attempt each; what is kept of it shows no secret."""
    await office.configure({kind: CONFIGS[kind]}, EVERYWHERE)
    for reason in (Reason.FIRST, Reason.ALL_RESOLVED):
        row, attempts = await office.send(told(kind, reason))
        assert (row.state, row.attempts, office.vendors.wrong) == (State.DELIVERED, 1, []), row.error
        exchanges = attempts[0].exchanges
        assert exchanges
        assert all(one["answer"]["status"] < 300 for one in exchanges)
        kept = json.dumps(exchanges)
        assert not [secret for secret in SECRETS if secret in kept]
        assert "HighErrorRate" in kept or reason is Reason.ALL_RESOLVED


@pytest.mark.parametrize("kind", list(CONFIGS))
async def test_a_storm_fits_what_the_vendor_takes(office: Office, kind: str) -> None:
    """Hundreds of alerts with long texts in one message: cut to the vendor's limits, and delivered."""
    await office.configure({kind: {**CONFIGS[kind], "http_config": CONFIGS[kind].get("http_config")}}, EVERYWHERE)
    row, _ = await office.send(told(kind, alerts=[alert(service=f"<b>service {n}</b> é&" * 5) for n in range(300)]))
    assert (row.state, office.vendors.wrong) == (State.DELIVERED, []), row.error


async def test_who_keeps_a_state_hears_of_acknowledgements(office: Office) -> None:
    """PagerDuty, Opsgenie, VictorOps: with the key of the trigger; a webhook of Slack's has nothing to say."""
    kinds = ("pagerduty", "opsgenie", "victorops", "slack", "ntfy")
    await office.configure({kind: CONFIGS[kind] for kind in kinds})
    for kind in kinds:
        await office.send(told(kind))
    said = {
        kind: (await office.send(told(kind, Reason.ACKNOWLEDGED, by="ana@example.com", comment="on it")))[0].state
        for kind in kinds
    }
    assert said == {
        "pagerduty": State.DELIVERED,
        "opsgenie": State.DELIVERED,
        "victorops": State.DELIVERED,
        "slack": State.DROPPED,
        "ntfy": State.DROPPED,
    }
    pages = [one.json for one in office.vendors.at("/v2/enqueue")]
    assert [one["event_action"] for one in pages] == ["trigger", "acknowledge"]
    assert pages[0]["dedup_key"] == pages[1]["dedup_key"]
    acknowledged = [one for one in office.vendors.at("/opsgenie/") if "/acknowledge" in one.path]
    assert [one.json["user"] for one in acknowledged] == ["ana@example.com"]
    assert office.vendors.at("/integrations")[-1].json["message_type"] == "ACKNOWLEDGEMENT"
    assert office.vendors.wrong == []


async def test_pagerduty_is_told_by_one_key_from_trigger_to_resolve(office: Office) -> None:
    """The hash of the group's key, as Alertmanager makes it; the gravest severity, the links, the runbook."""
    await office.configure({"pagerduty": CONFIGS["pagerduty"]})
    await office.send(told("pagerduty"))
    await office.send(told("pagerduty", Reason.ALL_RESOLVED))
    trigger, resolve = (one.json for one in office.vendors.at("/v2/enqueue"))
    key = hashlib.sha256(told("pagerduty").group_key.encode()).hexdigest()
    assert (trigger["dedup_key"], resolve["dedup_key"], resolve["event_action"]) == (key, key, "resolve")
    assert trigger["payload"]["severity"] == "critical"
    assert trigger["payload"]["custom_details"]["team"] == {"name": "oncall", "size": 3}
    assert trigger["payload"]["custom_details"]["num_firing"] == "2"
    assert [link["href"] for link in trigger["links"]] == [
        "https://wiki.example.com/HighErrorRate",
        "https://runbooks.example.com/HighErrorRate",
        trigger["links"][2]["href"],
    ]
    assert trigger["links"][2]["href"].startswith(f"{EXTERNAL}/ack?n=")


async def test_an_older_key_speaks_the_older_interface(office: Office) -> None:
    """`service_key` is version 1 of the Events API."""
    url = "URL/generic/2010-04-15/create_event.json"
    await office.configure({"pagerduty": {"service_key": KEY, "url": url}})
    for reason in (Reason.FIRST, Reason.ACKNOWLEDGED, Reason.ALL_RESOLVED):
        assert (await office.send(told("pagerduty", reason)))[0].state == State.DELIVERED
    types = [one.json["event_type"] for one in office.vendors.at("/generic/")]
    assert (types, office.vendors.wrong) == (["trigger", "acknowledge", "resolve"], [])


async def test_a_bot_of_slack_updates_its_message(office: Office) -> None:
    """Posted with buttons, updated in place when more fires and when somebody acknowledges, and a new one next time."""
    config = {
        "app_token": "xoxb-bot-token",
        "app_url": "URL/api/chat.postMessage",
        "channel": "#alerts",
        "send_resolved": True,
        "update_message": True,
        "signing_secret": "slack-signing-secret",
    }
    await office.configure({"slack": config})
    for reason in (Reason.FIRST, Reason.NEW_ALERTS, Reason.ACKNOWLEDGED, Reason.ALL_RESOLVED, Reason.FIRST):
        row, _ = await office.send(told("slack", reason, by="ana", comment="on it"))
        assert row.state == State.DELIVERED
    paths = [one.path.rpartition(".")[2] for one in office.vendors.at("/api/chat.")]
    assert paths == ["postMessage", "update", "update", "update", "postMessage"]
    posted, _, acknowledged, resolved, _ = (one.json for one in office.vendors.at("/api/chat."))
    actions = [one["action_id"] for one in posted["attachments"][1]["blocks"][0]["elements"]]
    assert actions == ["midwatch_acknowledge", "midwatch_silence"]
    assert (acknowledged["ts"], acknowledged["channel"]) == ("1700000000.000100", "C1")
    assert acknowledged["attachments"][0]["footer"] == "Acknowledged by ana: on it"
    assert len(resolved["attachments"]) == 1
    assert all(one.headers["authorization"] == "Bearer xoxb-bot-token" for one in office.vendors.seen)
    assert office.vendors.wrong == []


async def test_an_issue_of_github_is_opened_commented_and_closed(office: Office) -> None:
    """One a group, found again by its number, and after a kill by the mark in its text."""
    await office.configure({"github": CONFIGS["github"]})
    for reason in (Reason.FIRST, Reason.NEW_ALERTS, Reason.ALL_RESOLVED):
        assert (await office.send(told("github", reason)))[0].state == State.DELIVERED
    assert [(one.method, one.path.partition("?")[0]) for one in office.vendors.seen] == [
        ("GET", "/repos/team/app/issues"),
        ("POST", "/repos/team/app/issues"),
        ("POST", "/repos/team/app/issues/7/comments"),
        ("POST", "/repos/team/app/issues/7/comments"),
        ("PATCH", "/repos/team/app/issues/7"),
    ]
    mark = office.vendors.seen[1].json["body"].splitlines()[-1]
    assert (await office.send(told("github", Reason.ALL_RESOLVED)))[0].state == State.DROPPED
    found = json.dumps([{"number": 7, "body": f"text\n{mark}"}]).encode()
    office.vendors.scripts["/repos/team/app/issues?"].append(Scripted(200, found))
    assert (await office.send(told("github")))[0].state == State.DELIVERED
    assert office.vendors.seen[-1].path == "/repos/team/app/issues/7/comments"
    assert office.vendors.wrong == []


async def test_an_issue_of_jira_is_made_kept_up_to_date_and_moved(office: Office) -> None:
    """One a group, by the label that Alertmanager gives it; resolved and opened again by the names of transitions."""
    config = {
        **CONFIGS["jira"],
        "api_url": "URL/rest/api/2",
        "summary": {"enable_update": False},
        "description": "{{ .Status }}",
        "resolve_transition": "Done",
        "reopen_transition": "Reopen",
        "reopen_duration": "90m",
        "wont_fix_resolution": "Won't fix",
    }
    await office.configure({"jira": config})
    scripts = office.vendors.scripts
    moves = Scripted(200, b'{"transitions": [{"id": "31", "name": "Done"}, {"id": "41", "name": "Reopen"}]}')
    assert (await office.send(told("jira")))[0].state == State.DELIVERED
    for reason, category in ((Reason.NEW_ALERTS, "new"), (Reason.ALL_RESOLVED, "new"), (Reason.FIRST, "done")):
        scripts["/rest/api/2/search"].append(jira_found(category))
        if reason is not Reason.NEW_ALERTS:
            scripts["/rest/api/2/issue/OPS-7/transitions"].append(moves)
        assert (await office.send(told("jira", reason)))[0].state == State.DELIVERED
    issue, own = "/rest/api/2/issue", "/rest/api/2/issue/OPS-7"
    search, move = ("POST", "/rest/api/2/search"), [("GET", f"{own}/transitions"), ("POST", f"{own}/transitions")]
    assert [(one.method, one.path) for one in office.vendors.seen] == [
        *[search, ("POST", issue)],
        *[search, ("PUT", own)],
        *[search, ("PUT", own), *move],
        *[search, ("PUT", own), *move],
    ]
    hashed = hashlib.sha256(told("jira").group_key.encode()).hexdigest()
    made, updated = office.vendors.seen[1].json["fields"], office.vendors.seen[3].json["fields"]
    assert made["labels"] == [f"ALERT{{{hashed}}}", "alert_oncall"]
    assert (made["project"], made["issuetype"], made["description"]) == ({"key": "OPS"}, {"name": "Incident"}, "firing")
    assert made["customfield_10001"] == [{"value": "firing"}]
    assert "HighErrorRate" in made["summary"]
    assert "summary" not in updated
    firing, resolved = (office.vendors.at("/rest/api/2/search")[at].json["jql"] for at in (0, 2))
    end = f'project="OPS" and labels="ALERT{{{hashed}}}" order by status ASC,resolutiondate DESC'
    wont_fix = """(resolution is EMPTY or resolution != "Won't fix")"""
    lately = "(resolutiondate is EMPTY OR resolutiondate >= -90m)"
    assert (firing, resolved) == (
        f"{wont_fix} and {lately} and {end}",
        f"{wont_fix} and statusCategory != Done and {end}",
    )
    ids = [one.json["transition"]["id"] for one in office.vendors.seen if one.method == "POST" and "transi" in one.path]
    assert (ids, office.vendors.wrong) == (["31", "41"], [])
    basic = base64.b64encode(b"ana@example.com:jira-token").decode()
    assert {one.headers["authorization"] for one in office.vendors.seen} == {f"Basic {basic}"}

    scripts["/rest/api/2/search"].append(jira_found("new"))
    scripts["/rest/api/2/issue/OPS-7/transitions"].append(
        Scripted(200, b'{"transitions": [{"id": "1", "name": "Fix"}]}')
    )
    row, _ = await office.send(told("jira", Reason.ALL_RESOLVED))
    assert (row.state, "OPS-7 has no transition Done: expected one of Fix" in row.error) == (State.FAILED, True)
    scripts["/rest/api/2/search"].append(JIRA_NONE)
    assert (await office.send(told("jira", Reason.ALL_RESOLVED)))[0].state == State.DROPPED


async def test_jiras_cloud_is_searched_by_its_own_way(office: Office) -> None:
    """`search/jql` of version 3, whatever version the address has; a document is sent as it is written."""
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": []}]}
    config = {**CONFIGS["jira"], "api_type": "cloud", "description": json.dumps(document)}
    await office.configure({"jira": config})
    assert (await office.send(told("jira")))[0].state == State.DELIVERED
    await office.configure({"jira": {**config, "api_url": "URL/rest/api/2"}})
    office.vendors.scripts["/rest/api/3/search"].append(JIRA_NONE)
    assert (await office.send(told("jira")))[0].state == State.DELIVERED
    paths = [one.path for one in office.vendors.seen]
    three, two = "/rest/api/3", "/rest/api/2"
    assert paths == [f"{three}/search/jql", f"{three}/issue", f"{three}/search/jql", f"{two}/issue"]
    assert office.vendors.seen[1].json["fields"]["description"] == document


async def test_sns_is_sent_what_its_signature_covers(office: Office) -> None:
    """Another program's signer comes to the same; a FIFO topic gets each message once, and a group in its order."""
    await office.configure({"sns": CONFIGS["sns"]})
    office.vendors.scripts["/sns"].append(Scripted(400, b"<ErrorResponse><Code>Throttling</Code></ErrorResponse>"))
    (id_,) = await office.put(told("sns"))
    row, attempts = await office.done(id_)
    assert (row.state, [one.verdict for one in attempts]) == (State.DELIVERED, ["again", "delivered"])
    assert (await office.send(told("sns", Reason.ALL_RESOLVED)))[0].state == State.DELIVERED
    first, second, resolved = office.vendors.at("/sns")
    assert first.json["MessageDeduplicationId"] == second.json["MessageDeduplicationId"] == id_
    assert resolved.json["MessageDeduplicationId"] != id_
    hashed = hashlib.sha256(told("sns").group_key.encode()).hexdigest()
    assert {one.json["MessageGroupId"] for one in (first, second, resolved)} == {hashed}
    assert second.json["MessageAttributes.entry.1.Value.StringValue"] == "ops"
    other = NotifySNS("AKIDEXAMPLE", "sns-secret-key", "eu-central-1", targets=["#alerts"])
    for seen in (first, second, resolved):
        at = datetime.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        names = ("content-type", "host", "x-amz-date")
        canonical = "\n".join(
            [
                *("POST", "/sns/", ""),
                *(f"{one}:{seen.headers[one]}" for one in names),
                *("", ";".join(names), hashlib.sha256(seen.body).hexdigest()),
            ]
        )
        scope = f"{at:%Y%m%d}/eu-central-1/sns/aws4_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{seen.headers['x-amz-date']}\n{scope}\n{hashed}"
        expected = other.aws_auth_signature(to_sign, at)
        assert seen.headers["authorization"].endswith(f"SignedHeaders={';'.join(names)}, Signature={expected}")


async def test_sns_tells_phones_by_the_keys_of_the_environment(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,600 characters and no more; a session's token goes with it; without keys, or a region, it says so."""
    config = {"api_url": "URL/sns", "phone_number": "+4915112345678", "message": "{{ .CommonLabels }}" * 200}
    await office.configure({"sns": config})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    row, _ = await office.send(told("sns"))
    assert (row.state, "expected access_key and secret_key" in row.error) == (State.FAILED, True)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "environment-token")
    row, _ = await office.send(told("sns"))
    assert (row.state, "expected a region" in row.error) == (State.FAILED, True)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    row, attempts = await office.send(told("sns"))
    assert row.state == State.DELIVERED, row.error
    (seen,) = office.vendors.at("/sns")
    assert len(seen.json["Message"]) == 1600
    assert (seen.json["MessageAttributes.entry.1.Name"], seen.headers["x-amz-security-token"]) == (
        "truncated",
        "environment-token",
    )
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token" in seen.headers["authorization"]
    assert "environment-" not in json.dumps(attempts[0].exchanges)
    assert office.vendors.wrong == []


async def test_a_webhook_is_signed_as_standard_webhooks_are(office: Office) -> None:
    """HMAC-SHA256 over id, time and body; the id is the notification's. `max_alerts` says how many it leaves out."""
    await office.configure({"webhook": {**CONFIGS["webhook"], "max_alerts": 1}})
    (id_,) = await office.put(told("webhook", Reason.NEW_ALERTS))
    await office.done(id_)
    (seen,) = office.vendors.at("/webhook")
    signed = f"{id_}.{seen.headers['webhook-timestamp']}.".encode() + seen.body
    expected = base64.b64encode(hmac.new(b"secret-secret-secret", signed, hashlib.sha256).digest()).decode()
    assert (seen.headers["webhook-id"], seen.headers["webhook-signature"]) == (id_, f"v1,{expected}")
    body = seen.json
    assert (body["truncatedAlerts"], len(body["alerts"]), body["groupKey"]) == (1, 1, told("webhook").group_key)
    assert body["notification_reason"] == "new_alerts_in_group"
    assert body["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert body["commonLabels"] == {"alertname": "HighErrorRate"}


async def test_a_webhook_takes_a_payload_of_its_own(office: Office) -> None:
    """Any YAML, with its texts rendered, to an address that is rendered, too."""
    payload = {"what": "{{ .GroupLabels.alertname }}", "all": ["{{ .Status }}", 1, None, True]}
    await office.configure({"webhook": {"url": "URL/webhook/{{ .Receiver }}", "payload": payload}})
    office.vendors.scripts["/webhook"] = []
    row, _ = await office.send(told("webhook"))
    (seen,) = office.vendors.at("/webhook/oncall")
    assert seen.json == {"what": "HighErrorRate", "all": ["firing", 1, None, True]}
    assert row.state == State.FAILED, "the sink's webhook wants Alertmanager's shape"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b'{"ok": false, "error": "channel_not_found"}', State.FAILED),
        (b'{"ok": false, "error": "ratelimited"}', State.DELIVERED),
    ],
)
async def test_slack_says_no_with_200(office: Office, answer: bytes, state: State) -> None:
    """A channel that is not there stays so; a rate limit is over some time."""
    config = {"app_token": "xoxb-bot-token", "app_url": "URL/api/chat.postMessage", "channel": "#alerts"}
    await office.configure({"slack": config})
    office.vendors.scripts["/api/chat.postMessage"].append(Scripted(200, answer))
    row, attempts = await office.send(told("slack"))
    assert row.state == state
    assert json.loads(answer)["error"] in attempts[0].error


async def test_apprise_reaches_what_it_knows(office: Office) -> None:
    """By its JSON service; a service of this machine, and what it does not know, are refused."""
    host = office.vendors.url.removeprefix("http://")
    office.vendors.scripts["/apprise"] = [Scripted(200, b"{}")]
    await office.configure({"apprise": {"url": f"json://{host}/apprise"}})
    row, attempts = await office.send(told("apprise"))
    assert row.state == State.DELIVERED, row.error
    assert office.vendors.at("/apprise")[0].json["title"].startswith("[FIRING 2] HighErrorRate")
    assert host not in json.dumps(attempts[0].exchanges)
    for url, error in (("dbus://", "acts on this machine"), ("nosuchservice://x", "does not know")):
        await office.configure({"apprise": {"url": url}})
        row, _ = await office.send(told("apprise"))
        assert row.state == State.FAILED
        assert error in row.error
