"""A message of an app of WeCom."""

from typing import Any

from midwatch.server.notify.channels.wechat.config import WechatConfig
from midwatch.server.notify.request import cut_bytes
from midwatch.server.notify.told import Told

API_URL = "https://qyapi.weixin.qq.com/cgi-bin/"
MESSAGE_BYTES_MAX = 2048


def message(told: Told, config: WechatConfig) -> dict[str, Any]:
    content = {"content": cut_bytes(told.headline(config.message), MESSAGE_BYTES_MAX)}
    made = {
        "touser": told.text(config.to_user, otherwise=""),
        "toparty": told.text(config.to_party, otherwise=""),
        "totag": told.text(config.to_tag, otherwise=""),
        "agentid": told.text(config.agent_id, otherwise=""),
        "msgtype": config.message_type,
        config.message_type: content,
        "safe": "0",
    }
    return {name: value for name, value in made.items() if value}
