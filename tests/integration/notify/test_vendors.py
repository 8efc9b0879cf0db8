"""What each vendor is sent has the shape that it documents: for what fires, is acknowledged, and is resolved."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from tests.integration.notify.conftest import EXTERNAL, KEY, Office, alert, told
from tests.vendors import Scripted

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
    "incidentio": {"url": "URL/incidentio", "alert_source_token": "incident-token", "max_alerts": 1},
}
EVERYWHERE = {"pushover_api_url": "URL/1/messages.json"}
SECRETS = (
    *(KEY, "slack-webhook-token", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=", "secret-part", "telegram-bot-token"),
    *("tk_ntfy_token", "github_pat_token", "pushover-user", "pushover-token", "victorops-key", "webex-bot-token"),
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
