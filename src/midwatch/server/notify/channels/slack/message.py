"""A message with one attachment, as webhooks and `chat.postMessage` take it (Slack's Web API, 2026)."""

from typing import Any

from midwatch.server.notify.channels.slack.config import SlackConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

TITLE_CHARACTERS_MAX = 1024
TEXT_CHARACTERS_MAX = 8000
"""Slack shows about so much of an attachment, and refuses messages far above."""
ACKNOWLEDGE, SILENCE = "midwatch_acknowledge", "midwatch_silence"
SILENCE_HOURS = 4


def message(told: Told, config: SlackConfig, *, buttons: bool) -> dict[str, Any]:
    attachment: dict[str, Any] = {
        "title": cut(told.headline(config.title), TITLE_CHARACTERS_MAX),
        "title_link": told.text(config.title_link, otherwise=""),
        "pretext": told.text(config.pretext, otherwise=""),
        "text": cut(told.text(config.text), TEXT_CHARACTERS_MAX),
        "fallback": told.headline(config.fallback),
        "callback_id": told.text(config.callback_id, otherwise=""),
        "image_url": told.text(config.image_url, otherwise=""),
        "thumb_url": told.text(config.thumb_url, otherwise=""),
        "footer": told.text(config.footer, otherwise=""),
        "color": told.text(config.color, otherwise="danger"),
        "fields": [_field(told, config, one) for one in config.fields],
        "actions": [_action(told, one) for one in config.actions],
        "mrkdwn_in": list(config.mrkdwn_in) or ["fallback", "pretext", "text"],
    }
    if told.acknowledged:
        attachment |= {"color": "warning", "footer": _acknowledged(told)}
    attachments = [{name: value for name, value in attachment.items() if value}]
    if buttons and told.firing:
        attachments.append({"fallback": "Acknowledge", "blocks": [_buttons(told)]})
    made = {
        "channel": told.text(config.channel, otherwise=config.channel),
        "username": told.text(config.username, otherwise=""),
        "icon_emoji": told.text(config.icon_emoji, otherwise=""),
        "icon_url": told.text(config.icon_url, otherwise=""),
        "link_names": config.link_names,
        "text": told.mark + told.text(config.message_text) if config.message_text else "",
        "attachments": attachments,
    }
    return {name: value for name, value in made.items() if value}


def _buttons(told: Told) -> dict[str, Any]:
    elements = [
        _button("Acknowledge", ACKNOWLEDGE, told.id, style="primary"),
        _button(f"Silence {SILENCE_HOURS} h", SILENCE, told.id),
    ]
    if told.acknowledged:
        del elements[0]
    return {"type": "actions", "block_id": f"midwatch:{told.id}", "elements": elements}


def _button(text: str, action: str, value: str, *, style: str = "") -> dict[str, Any]:
    made = {"type": "button", "text": {"type": "plain_text", "text": text}, "action_id": action, "value": value}
    return made | ({"style": style} if style else {})


def _acknowledged(told: Told) -> str:
    context = told.notification.context
    comment = f": {context['comment']}" if context.get("comment") else ""
    return f"Acknowledged by {context.get('by', 'somebody')}{comment}"


def _field(told: Told, config: SlackConfig, one: Any) -> dict[str, Any]:
    short = config.short_fields if one.short is None else one.short
    return {"title": told.text(one.title), "value": told.text(one.value), "short": short}


def _action(told: Told, one: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        name: told.text(getattr(one, name), otherwise="") for name in ("type", "text", "url", "style", "name", "value")
    }
    if one.confirm:
        made["confirm"] = {name: told.text(value) for name, value in one.confirm.model_dump().items() if value}
    return {name: value for name, value in made.items() if value}
