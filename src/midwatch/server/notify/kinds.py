"""All channels by kind: `slack` for `slack_configs`. A new one is a folder, and a line here."""

from collections.abc import Mapping

from midwatch.server.notify.channel import Channel
from midwatch.server.notify.channels.apprise.channel import CHANNEL as APPRISE
from midwatch.server.notify.channels.discord.channel import CHANNEL as DISCORD
from midwatch.server.notify.channels.email.channel import CHANNEL as EMAIL
from midwatch.server.notify.channels.github.channel import CHANNEL as GITHUB
from midwatch.server.notify.channels.incidentio.channel import CHANNEL as INCIDENTIO
from midwatch.server.notify.channels.jira.channel import CHANNEL as JIRA
from midwatch.server.notify.channels.jsm.channel import CHANNEL as JSM
from midwatch.server.notify.channels.mattermost.channel import CHANNEL as MATTERMOST
from midwatch.server.notify.channels.msteams.channel import CHANNEL as MSTEAMS
from midwatch.server.notify.channels.msteamsv2.channel import CHANNEL as MSTEAMSV2
from midwatch.server.notify.channels.ntfy.channel import CHANNEL as NTFY
from midwatch.server.notify.channels.opsgenie.channel import CHANNEL as OPSGENIE
from midwatch.server.notify.channels.pagerduty.channel import CHANNEL as PAGERDUTY
from midwatch.server.notify.channels.pushover.channel import CHANNEL as PUSHOVER
from midwatch.server.notify.channels.rocketchat.channel import CHANNEL as ROCKETCHAT
from midwatch.server.notify.channels.slack.channel import CHANNEL as SLACK
from midwatch.server.notify.channels.sns.channel import CHANNEL as SNS
from midwatch.server.notify.channels.telegram.channel import CHANNEL as TELEGRAM
from midwatch.server.notify.channels.victorops.channel import CHANNEL as VICTOROPS
from midwatch.server.notify.channels.webex.channel import CHANNEL as WEBEX
from midwatch.server.notify.channels.webhook.channel import CHANNEL as WEBHOOK
from midwatch.server.notify.channels.wechat.channel import CHANNEL as WECHAT
from midwatch.server.notify.http_config import ChannelConfig

CHANNELS: Mapping[str, Channel] = {
    channel.kind: channel
    for channel in (
        APPRISE,
        DISCORD,
        EMAIL,
        GITHUB,
        INCIDENTIO,
        JIRA,
        JSM,
        MATTERMOST,
        MSTEAMS,
        MSTEAMSV2,
        NTFY,
        OPSGENIE,
        PAGERDUTY,
        PUSHOVER,
        ROCKETCHAT,
        SLACK,
        SNS,
        TELEGRAM,
        VICTOROPS,
        WEBEX,
        WEBHOOK,
        WECHAT,
    )
}
KINDS: Mapping[str, type[ChannelConfig]] = {kind: channel.config for kind, channel in CHANNELS.items()}
"""For whoever reads receivers: all of Alertmanager's, and ours."""
