"""What a message is made from: the notification, its texts, and the links that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.gotemplate import TemplateError
from midwatch.server.model.alert import Alert
from midwatch.server.model.notification import Notification, Reason
from midwatch.server.notify.data import FIRING, Fields, status_of
from midwatch.server.notify.functions import Moment
from midwatch.server.notify.texts import Texts
from midwatch.server.workspace.outbox import group_hash

TEST = "test"
"""In a notification's context: it is a test, of a receiver or in a drill, and says so."""
RUNBOOK = "runbook_url"


@dataclass(frozen=True, slots=True)
class Told:
    id: str
    """Of the notification: the same in each attempt."""
    notification: Notification
    data: Fields
    texts: Texts
    moment: Moment
    external_url: str = ""
    acknowledge_url: str = ""
    receipt: Mapping[str, Any] | None = None
    """What the vendor called the last message about this group."""
    troubles: list[str] = field(default_factory=list)
    """Templates that failed: the message went out in words of ours."""

    @property
    def key(self) -> str:
        """The deduplication key of the group: the same for trigger, acknowledge and resolve, and in each attempt."""
        return group_hash(self.notification.group_key)

    @property
    def firing(self) -> bool:
        return status_of(self.notification) == FIRING

    @property
    def acknowledged(self) -> bool:
        return self.notification.reason is Reason.ACKNOWLEDGED

    @property
    def mark(self) -> str:
        """Stands before every headline of a message that is a test."""
        if TEST in self.notification.context:
            return "[TEST] "
        return "[DRILL] " if self.notification.reason is Reason.DRILL else ""

    @property
    def page_url(self) -> str:
        return self.text('{{ template "__alertmanagerURL" . }}', otherwise=self.external_url)

    def headline(self, template: str, *, otherwise: str | None = None) -> str:
        """A title: says that it is a test, where it is one."""
        return self.mark + self.text(template, otherwise=otherwise)

    def text(self, template: str, *, otherwise: str | None = None) -> str:
        """Rendered. For a template that fails stands `otherwise`, or plain words: nobody is left asleep by it."""
        try:
            return self.texts.text(template, self.data, self.moment)
        except TemplateError as error:
            return self._instead(error, otherwise)

    def html(self, template: str) -> str:
        try:
            return self.texts.html(template, self.data, self.moment)
        except TemplateError as error:
            return self._instead(error, None)

    def nested(self, value: Any) -> Any:
        """A value of YAML with all of its texts rendered."""
        if isinstance(value, str):
            return self.text(value, otherwise="")
        if isinstance(value, Mapping):
            return {self.text(str(key), otherwise=str(key)): self.nested(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.nested(one) for one in value]
        return value

    def _instead(self, error: TemplateError, otherwise: str | None) -> str:
        if str(error) not in self.troubles:
            self.troubles.append(str(error))
        return plain_summary(self.notification) if otherwise is None else otherwise

    def annotation(self, name: str) -> str:
        """Of the alerts, the first that there is."""
        found = (alert.annotations.get(name, "") for alert in self.notification.alerts)
        return next((one for one in found if one), "")

    def runbooks(self) -> dict[str, str]:
        """Addresses by the name of the alert."""
        alerts = [alert for alert in self.notification.alerts if _is_link(alert.annotations.get(RUNBOOK, ""))]
        return {alert.name or "alert": alert.annotations[RUNBOOK] for alert in alerts}


def plain_summary(notification: Notification) -> str:
    """Without any template."""
    names = dict.fromkeys(_words(alert) for alert in notification.alerts)
    status = status_of(notification).upper()
    return f"[{status} {len(notification.firing) or len(notification.resolved)}] {', '.join(list(names)[:5])}"


def _words(alert: Alert) -> str:
    return alert.annotations.get("summary") or alert.name or "alert"


def _is_link(text: str) -> bool:
    return text.startswith(("https://", "http://"))
