"""What each vendor documents: the shapes that it takes, by path, and how it answers."""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://"}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
LABELS = {"type": "object", "additionalProperties": {"type": "string"}}


def shape(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these members and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def listed(item: dict[str, Any], *, least: int = 1, most: int = 1000) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


_ALERT = shape(
    {
        "status": {"enum": ["firing", "resolved"]},
        "labels": LABELS,
        "annotations": LABELS,
        "startsAt": TIME,
        "endsAt": TIME,
        "generatorURL": {"type": "string"},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    }
)
WEBHOOK = shape(
    {
        "version": {"const": "4"},
        "groupKey": TEXT,
        "truncatedAlerts": {"type": "integer", "minimum": 0},
        "status": {"enum": ["firing", "resolved"]},
        "receiver": TEXT,
        "groupLabels": LABELS,
        "commonLabels": LABELS,
        "commonAnnotations": LABELS,
        "externalURL": URL,
        "notification_reason": TEXT,
        "alerts": listed(_ALERT, most=100_000),
    },
    {"routeLabels": LABELS, "test": {"type": "boolean"}},
)
_SLACK_FIELD = shape({"title": TEXT, "value": TEXT, "short": {"type": "boolean"}})
_SLACK_BUTTON = {
    "type": "object",
    "required": ["type", "text", "action_id", "value"],
    "properties": {"type": {"const": "button"}, "value": {"type": "string", "maxLength": 2000}},
}
_SLACK_ATTACHMENT = shape(
    {"fallback": TEXT},
    {
        **dict.fromkeys(("title", "text", "pretext", "footer", "color", "callback_id"), TEXT),
        "title_link": URL,
        "image_url": URL,
        "thumb_url": URL,
        "fields": listed(_SLACK_FIELD),
        "actions": listed({"type": "object", "required": ["type", "text"]}, most=5),
        "mrkdwn_in": listed(TEXT),
        "blocks": listed(
            {
                "type": "object",
                "required": ["type", "elements"],
                "properties": {"elements": listed(_SLACK_BUTTON, most=25)},
            }
        ),
    },
)
_SLACK = {
    "channel": TEXT,
    "username": TEXT,
    "icon_emoji": TEXT,
    "icon_url": URL,
    "link_names": {"type": "boolean"},
    "text": TEXT,
}
SLACK_WEBHOOK = shape({"attachments": listed(_SLACK_ATTACHMENT)}, _SLACK)
SLACK_POST = shape({"attachments": listed(_SLACK_ATTACHMENT), "channel": TEXT}, _SLACK)
SLACK_UPDATE = shape(
    {"attachments": listed(_SLACK_ATTACHMENT), "channel": TEXT, "ts": {"type": "string", "pattern": r"^\d+\.\d+$"}},
    _SLACK,
)
_PD_KEYS = {
    "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
    "dedup_key": {**HASH, "maxLength": 255},
}
PAGERDUTY = {
    "oneOf": [
        shape({**_PD_KEYS, "event_action": {"enum": ["acknowledge", "resolve"]}}),
        shape(
            {
                **_PD_KEYS,
                "event_action": {"const": "trigger"},
                "payload": shape(
                    {
                        "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                        "source": TEXT,
                        "severity": {"enum": ["critical", "error", "warning", "info"]},
                    },
                    {
                        "timestamp": TIME,
                        "component": TEXT,
                        "group": TEXT,
                        "class": TEXT,
                        "custom_details": {"type": "object"},
                    },
                ),
            },
            {
                "client": TEXT,
                "client_url": URL,
                "links": listed(shape({"href": URL}, {"text": TEXT})),
                "images": listed(shape({"src": URL}, {"href": URL, "alt": TEXT})),
            },
        ),
    ]
}
PAGERDUTY_V1 = shape(
    {"service_key": TEXT, "event_type": {"enum": ["trigger", "acknowledge", "resolve"]}, "incident_key": HASH},
    {
        "description": {"type": "string", "maxLength": 1024},
        "client": TEXT,
        "client_url": URL,
        "details": {"type": "object"},
    },
)
OPSGENIE = shape(
    {"message": {"type": "string", "minLength": 1, "maxLength": 130}, "alias": {**HASH, "maxLength": 512}},
    {
        "description": {"type": "string", "maxLength": 15000},
        "responders": listed(
            shape(
                {"type": {"enum": ["team", "user", "escalation", "schedule"]}},
                {"id": TEXT, "name": TEXT, "username": TEXT},
            ),
            most=50,
        ),
        "actions": listed(TEXT),
        "tags": listed(TEXT, most=20),
        "details": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 8000}},
        "entity": {"type": "string", "maxLength": 512},
        "source": TEXT,
        "priority": {"enum": ["P1", "P2", "P3", "P4", "P5"]},
        "user": TEXT,
        "note": {"type": "string", "maxLength": 25000},
    },
)
OPSGENIE_ACT = shape({}, {"source": TEXT, "user": TEXT, "note": TEXT})
OPSGENIE_PUT = {"oneOf": [shape({"message": TEXT}), shape({"description": TEXT})]}
MSTEAMS = shape(
    {
        "@type": {"const": "MessageCard"},
        "@context": {"const": "https://schema.org/extensions"},
        "summary": TEXT,
        "title": TEXT,
        "text": TEXT,
        "themeColor": {"type": "string", "pattern": "^[0-9A-F]{6}$"},
    },
    {
        "potentialAction": listed(
            shape(
                {
                    "@type": {"const": "OpenUri"},
                    "name": TEXT,
                    "targets": listed(shape({"os": {"const": "default"}, "uri": URL})),
                }
            ),
            most=4,
        )
    },
)
MSTEAMSV2 = shape(
    {
        "type": {"const": "message"},
        "attachments": listed(
            shape(
                {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "contentUrl": {"type": "null"},
                    "content": {
                        "type": "object",
                        "required": ["type", "version", "body"],
                        "properties": {
                            "type": {"const": "AdaptiveCard"},
                            "body": listed({"type": "object", "required": ["type", "text"]}),
                            "actions": listed(
                                shape({"type": {"const": "Action.OpenUrl"}, "title": TEXT, "url": URL}), most=6
                            ),
                        },
                    },
                }
            )
        ),
    }
)
DISCORD = shape(
    {
        "embeds": listed(
            shape(
                {"title": {"type": "string", "maxLength": 256}, "description": {"type": "string", "maxLength": 4096}},
                {"color": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFF}, "url": URL},
            ),
            most=10,
        )
    },
    {
        "content": {"type": "string", "maxLength": 2000},
        "username": {"type": "string", "maxLength": 80},
        "avatar_url": URL,
        "allowed_mentions": {"type": "object"},
    },
)
TELEGRAM = shape(
    {"chat_id": {"type": "integer"}, "text": {"type": "string", "minLength": 1, "maxLength": 4096}},
    {
        "parse_mode": {"enum": ["Markdown", "MarkdownV2", "HTML"]},
        "disable_web_page_preview": {"type": "boolean"},
        "disable_notification": {"type": "boolean"},
        "message_thread_id": {"type": "integer"},
        "reply_markup": shape({"inline_keyboard": listed(listed(shape({"text": TEXT, "url": URL})))}),
    },
)
NTFY = shape(
    {"topic": {"type": "string", "pattern": "^[-_A-Za-z0-9]{1,64}$"}, "message": TEXT},
    {
        "title": TEXT,
        "priority": {"type": "integer", "minimum": 1, "maximum": 5},
        "tags": listed(TEXT),
        "click": URL,
        "actions": listed(shape({"action": {"const": "view"}, "label": TEXT, "url": URL}), most=3),
    },
)
GITHUB_OPEN = shape(
    {"title": {"type": "string", "minLength": 1, "maxLength": 256}, "body": {"type": "string", "maxLength": 65536}},
    {"labels": listed(TEXT), "assignees": listed(TEXT, most=10)},
)
GITHUB_COMMENT = shape({"body": {"type": "string", "minLength": 1, "maxLength": 65536}})
GITHUB_CLOSE = shape({"state": {"const": "closed"}, "state_reason": {"const": "completed"}})
PUSHOVER = shape(
    {"token": TEXT, "user": TEXT, "message": {"type": "string", "minLength": 1, "maxLength": 1024}},
    {
        "title": {"type": "string", "maxLength": 250},
        "url": {"type": "string", "maxLength": 512},
        "url_title": {"type": "string", "maxLength": 100},
        "priority": {"enum": ["-2", "-1", "0", "1", "2"]},
        "retry": {"type": "string", "pattern": r"^([3-9]\d|\d{3,})$"},
        "expire": {"type": "string", "pattern": r"^\d{1,5}$"},
        "ttl": TEXT,
        "timestamp": {"type": "string", "pattern": r"^\d{10}$"},
        **dict.fromkeys(("device", "sound", "html", "monospace"), TEXT),
    },
)
VICTOROPS = {
    "type": "object",
    "required": ["message_type", "entity_id"],
    "properties": {
        "message_type": {"enum": ["CRITICAL", "WARNING", "ACKNOWLEDGEMENT", "INFO", "RECOVERY"]},
        "entity_id": HASH,
    },
    "additionalProperties": {"type": "string"},
}
WEBEX = shape({"roomId": TEXT, "markdown": {"type": "string", "minLength": 1, "maxLength": 7439}})
ROCKETCHAT = shape(
    {"channel": TEXT, "attachments": listed({"type": "object", "required": ["title", "text"]})},
    {"emoji": TEXT, "avatar": URL, "alias": TEXT},
)
MATTERMOST = shape(
    {"attachments": listed({"type": "object", "required": ["title", "text", "fallback"]})},
    {"channel": TEXT, "username": TEXT, "icon_url": URL, "icon_emoji": TEXT, "props": {"type": "object"}},
)
WECHAT = shape(
    {"msgtype": {"enum": ["text", "markdown"]}, "agentid": TEXT},
    {
        **dict.fromkeys(("touser", "toparty", "totag"), TEXT),
        "safe": {"const": "0"},
        "text": shape({"content": {"type": "string", "maxLength": 2048}}),
        "markdown": shape({"content": {"type": "string", "maxLength": 2048}}),
    },
)
JIRA_SEARCH = shape({"jql": TEXT, "maxResults": {"const": 2}, "fields": {"const": ["status"]}})
_JIRA_TEXT = {
    "/rest/api/2": {"type": "string", "maxLength": 32767},
    "/rest/api/3": shape(
        {
            "type": {"const": "doc"},
            "version": {"const": 1},
            "content": listed({"type": "object", "required": ["type", "content"]}, least=0),
        }
    ),
}


def jira_issue(api: str) -> dict[str, Any]:
    """Of an API's version; other fields are the project's own."""
    own = {
        "project": shape({"key": TEXT}),
        "issuetype": shape({"name": TEXT}),
        "summary": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\n]*$"},
        "labels": listed({"type": "string", "pattern": r"^\S{1,255}$"}),
        "priority": shape({"name": TEXT}),
        "description": _JIRA_TEXT[api],
    }
    fields = {"type": "object", "required": ["project", "issuetype", "labels"], "properties": own}
    return shape({"fields": {**fields, "patternProperties": {"^customfield_[0-9]+$": {}}, "minProperties": 3}})


JIRA_TRANSITION = shape({"transition": shape({"id": {"type": "string", "pattern": "^[0-9]+$"}})})
_SNS_ENTRY = r"^MessageAttributes\.entry\.[1-9][0-9]*\.(Name|Value\.DataType|Value\.StringValue)$"
SNS = {
    "type": "object",
    "required": ["Action", "Version", "Message"],
    "properties": {
        "Action": {"const": "Publish"},
        "Version": {"const": "2010-03-31"},
        "Message": {"type": "string", "minLength": 1, "maxLength": 262144},
        "Subject": {"type": "string", "pattern": r"^[!-~][ -~]{0,98}$"},
        "PhoneNumber": {"type": "string", "pattern": r"^\+[1-9][0-9]{1,14}$"},
        **{name: {"type": "string", "pattern": "^arn:aws:sns:"} for name in ("TopicArn", "TargetArn")},
        **{name: {"type": "string", "maxLength": 128} for name in ("MessageGroupId", "MessageDeduplicationId")},
    },
    "patternProperties": {_SNS_ENTRY: TEXT},
    "additionalProperties": False,
}
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/webhook", WEBHOOK),
    ("POST", "/services/", SLACK_WEBHOOK),
    ("POST", "/api/chat.postMessage", SLACK_POST),
    ("POST", "/api/chat.update", SLACK_UPDATE),
    ("POST", "/v2/enqueue", PAGERDUTY),
    ("POST", "/generic/2010-04-15/create_event.json", PAGERDUTY_V1),
    ("POST", "/opsgenie/v2/alerts/", OPSGENIE_ACT),
    ("POST", "/opsgenie/v2/alerts", OPSGENIE),
    ("PUT", "/opsgenie/v2/alerts/", OPSGENIE_PUT),
    ("POST", "/msteams", MSTEAMS),
    ("POST", "/workflows", MSTEAMSV2),
    ("POST", "/api/webhooks/", DISCORD),
    ("POST", "/bot", TELEGRAM),
    ("POST", "/ntfy", NTFY),
    ("POST", "/repos/team/app/issues/7/comments", GITHUB_COMMENT),
    ("PATCH", "/repos/team/app/issues/7", GITHUB_CLOSE),
    ("POST", "/repos/team/app/issues", GITHUB_OPEN),
    ("POST", "/1/messages.json", PUSHOVER),
    ("POST", "/integrations/generic/20131114/alert/", VICTOROPS),
    ("POST", "/v1/messages", WEBEX),
    ("POST", "/api/v1/chat.postMessage", ROCKETCHAT),
    ("POST", "/hooks/", MATTERMOST),
    ("POST", "/cgi-bin/message/send", WECHAT),
    ("POST", "/incidentio", WEBHOOK),
    *(
        one
        for api in ("/rest/api/2", "/rest/api/3")
        for one in (
            ("POST", f"{api}/search", JIRA_SEARCH),
            ("POST", f"{api}/issue/OPS-7/transitions", JIRA_TRANSITION),
            ("PUT", f"{api}/issue/OPS-7", jira_issue(api)),
            ("POST", f"{api}/issue", jira_issue(api)),
        )
    ),
    ("POST", "/sns", SNS),
]
"""By method and the beginning of the path; the first that fits."""
ANSWERS = {
    "/services/": (200, b"ok"),
    "/api/chat.": (200, b'{"ok": true, "channel": "C1", "ts": "1700000000.000100"}'),
    "/v2/enqueue": (202, b'{"status": "success", "message": "Event processed", "dedup_key": "x"}'),
    "/opsgenie/": (202, b'{"result": "Request will be processed", "took": 0.1, "requestId": "r"}'),
    "/msteams": (200, b"1"),
    "/workflows": (202, b""),
    "/api/webhooks/": (204, b""),
    "/bot": (200, b'{"ok": true, "result": {"message_id": 1}}'),
    "/repos/": (201, b'{"number": 7}'),
    "/cgi-bin/gettoken": (200, b'{"errcode": 0, "access_token": "wechat-access-token"}'),
    "/rest/api/": (201, b'{"id": "10007", "key": "OPS-7"}'),
    "/sns": (200, b"<PublishResponse><MessageId>1</MessageId></PublishResponse>"),
    "/cgi-bin/message": (200, b'{"errcode": 0, "errmsg": "ok"}'),
}
