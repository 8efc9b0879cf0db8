"""Amazon SNS: `Publish` of its Query API (2010-03-31)."""

from midwatch.server.notify.channels.sns.config import SnsConfig
from midwatch.server.notify.request import Request, cut, cut_bytes
from midwatch.server.notify.told import Told

MESSAGE_BYTES_MAX = 250_000
"""SNS takes 262,144 with the attributes."""
SMS_CHARACTERS_MAX = 1600
SUBJECT_CHARACTERS_MAX = 99
VERSION = "2010-03-31"
FIFO = ".fifo"


def publish(told: Told, config: SnsConfig, url: str) -> Request:
    form = {"Action": "Publish", "Version": VERSION}
    attributes = {told.text(name, otherwise=name): told.text(value) for name, value in config.attributes.items()}
    message = told.mark + told.text(config.message)
    if config.phone_number:
        form["PhoneNumber"] = told.text(config.phone_number, otherwise="")
        kept = cut(message, SMS_CHARACTERS_MAX)
    else:
        name, template = ("TopicArn", config.topic_arn) if config.topic_arn else ("TargetArn", config.target_arn)
        form[name] = told.text(template, otherwise="")
        kept = cut_bytes(message, MESSAGE_BYTES_MAX)
        if form[name].endswith(FIFO):
            # Whatever is new about the group is another message, and each attempt at it is the same.
            form |= {"MessageGroupId": told.key, "MessageDeduplicationId": told.id}
    form["Message"] = kept or "alert"
    if subject := _subject(told.headline(config.subject)) if config.subject else "":
        form["Subject"] = subject
    if kept != message:
        attributes["truncated"] = "true"
    for number, (name, value) in enumerate(((n, v) for n, v in attributes.items() if n and v), 1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": name, f"{entry}.Value.DataType": "String", f"{entry}.Value.StringValue": value}
    return Request.form(url, form)


def region_of(config: SnsConfig, told: Told) -> str:
    """Of the ARN: `arn:aws:sns:eu-central-1:…`; empty where it has none."""
    parts = told.text(config.topic_arn or config.target_arn, otherwise="").split(":")
    return parts[3] if len(parts) > 3 and parts[0] == "arn" else ""


def _subject(text: str) -> str:
    """ASCII on one line, which begins with a letter, a digit or a punctuation mark: SNS refuses any other."""
    plain = " ".join(text.encode("ascii", "replace").decode().split())
    return cut("".join(sign for sign in plain if sign.isprintable()), SUBJECT_CHARACTERS_MAX, mark="...")
