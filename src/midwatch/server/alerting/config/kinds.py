"""The kinds of receivers: which Alertmanager has, which keys of theirs are secrets, and what they need of `global`."""

from typing import NamedTuple

SUFFIX = "_configs"
ALERTMANAGER_KINDS = (
    "discord",
    "email",
    "incidentio",
    "jira",
    "mattermost",
    "msteams",
    "msteamsv2",
    "opsgenie",
    "pagerduty",
    "pushover",
    "rocketchat",
    "slack",
    "sns",
    "telegram",
    "victorops",
    "webex",
    "webhook",
    "wechat",
)
"""Of Alertmanager 0.33; `slack` for `slack_configs`."""

SECRETS = frozenset(
    {
        "api_key", "api_secret", "app_token", "auth_password", "auth_secret", "bearer_token", "bot_token",
        "client_secret", "credentials", "opsgenie_api_key", "password", "rocketchat_token", "rocketchat_token_id",
        "routing_key", "secret_key", "service_key", "slack_api_url", "slack_app_token", "smtp_auth_password",
        "smtp_auth_secret", "telegram_bot_token", "token", "token_id", "alert_source_token", "user_key",
        "victorops_api_key", "webhook_url", "wechat_api_secret", "mattermost_webhook_url",
    }
)  # fmt: skip
"""Keys whose value is never told again."""
SECRET_URLS = {"slack": frozenset({"api_url"}), "webhook": frozenset({"url"}), "incidentio": frozenset({"url"})}
"""Addresses of a kind that are secrets by themselves, or have one in their path."""


class Need(NamedTuple):
    """What an entry has to say itself, in one of these ways, where `global` does not say it for all."""

    what: str
    own: tuple[str, ...]
    everywhere: tuple[str, ...]


NEEDS: dict[str, tuple[Need, ...]] = {
    "slack": (
        Need(
            "the webhook's address or a bot's token",
            ("api_url", "api_url_file", "app_token", "app_token_file", "http_config"),
            ("slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file"),
        ),
    ),
    "email": (
        Need("the mail server", ("smarthost",), ("smtp_smarthost",)),
        Need("the sender's address", ("from",), ("smtp_from",)),
    ),
    "opsgenie": (Need("an API key", ("api_key", "api_key_file"), ("opsgenie_api_key", "opsgenie_api_key_file")),),
    "victorops": (Need("an API key", ("api_key", "api_key_file"), ("victorops_api_key", "victorops_api_key_file")),),
    "telegram": (
        Need("a bot's token", ("bot_token", "bot_token_file"), ("telegram_bot_token", "telegram_bot_token_file")),
    ),
    "jira": (Need("Jira's address", ("api_url",), ("jira_api_url",)),),
    "wechat": (
        Need("an API secret", ("api_secret", "api_secret_file"), ("wechat_api_secret", "wechat_api_secret_file")),
        Need("a corporation's id", ("corp_id",), ("wechat_api_corp_id",)),
    ),
    "rocketchat": (
        Need("a token", ("token", "token_file"), ("rocketchat_token", "rocketchat_token_file")),
        Need("a token's id", ("token_id", "token_id_file"), ("rocketchat_token_id", "rocketchat_token_id_file")),
    ),
    "mattermost": (
        Need(
            "the webhook's address",
            ("webhook_url", "webhook_url_file"),
            ("mattermost_webhook_url", "mattermost_webhook_url_file"),
        ),
    ),
}
