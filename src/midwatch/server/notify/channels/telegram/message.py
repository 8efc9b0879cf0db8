"""`sendMessage` of Telegram's Bot API."""

import re
from typing import Any

from midwatch.server.gotemplate.builtins import escape_html
from midwatch.server.notify.channels.telegram.config import TelegramConfig
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told, plain_summary

TEXT_CHARACTERS_MAX = 4096
_BROKEN_END = re.compile(r"(<[^>]*|&[#\w]*)$")
_TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def message(told: Told, config: TelegramConfig, chat: str) -> dict[str, Any]:
    text = (told.html if config.parse_mode == "HTML" and "{{" not in config.message else told.text)(config.message)
    if told.troubles and config.parse_mode == "HTML":
        text = escape_html(plain_summary(told.notification))
    made: dict[str, Any] = {
        "chat_id": int(chat) if chat.lstrip("-").isdigit() else chat,
        "text": fitting(told.mark + text, html=config.parse_mode == "HTML") or "alert",
        "disable_web_page_preview": True,
    }
    if config.parse_mode:
        made["parse_mode"] = config.parse_mode
    if config.message_thread_id:
        made["message_thread_id"] = config.message_thread_id
    if config.disable_notifications:
        made["disable_notification"] = True
    if told.acknowledge_url.startswith("https://") and told.firing:
        button = {"text": "Acknowledge", "url": told.acknowledge_url}
        made["reply_markup"] = {"inline_keyboard": [[button]]}
    return made


def fitting(text: str, *, html: bool) -> str:
    """Cut where it is too long, with no tag left open: Telegram refuses such."""
    if len(text) <= TEXT_CHARACTERS_MAX:
        return text
    if not html:
        return cut(text, TEXT_CHARACTERS_MAX)
    kept = _BROKEN_END.sub("", text[: TEXT_CHARACTERS_MAX - 100]) + "…"
    still_open: list[str] = []
    for closing, name in _TAG.findall(kept):
        if closing and name in still_open:
            still_open.remove(name)
        elif not closing:
            still_open.append(name)
    return kept + "".join(f"</{name}>" for name in reversed(still_open))
