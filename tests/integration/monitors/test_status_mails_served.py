"""Mails of the status page over HTTP: asked for, confirmed, sent, ended; with a mail server on this machine."""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.monitors.sites import free_port
from tests.integration.notify.smtp_sink import Mailbox, mail_server

pytestmark = pytest.mark.thorough

EXTERNAL = "https://watch.example.com"
PATH = "/public"
DEFINITION = {
    "title": "Shop status",
    "path": PATH,
    "components": [{"name": "Web"}, {"name": "Phone"}, {"name": "Jobs <b>"}],
}
ROUTES = """
global: {smtp_smarthost: "127.0.0.1:PORT", smtp_from: "Shop <status@example.org>", smtp_require_tls: false}
route: {receiver: nobody}
receivers: [{name: nobody}]
"""
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
ONE_CLICK = b'--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'


@dataclass
class Public:
    """The page as anybody sees it, and the mails that come of it."""

    server: Server
    box: Mailbox

    def ask(self, address: str, *components: str, client: str, **headers: str) -> httpx.Response:
        form: dict[str, Any] = {"email": address, "component": list(components)}
        told = {"x-forwarded-for": client, **headers}
        return httpx.post(f"{self.server.url}{PATH}/subscribe", data=form, headers=told, timeout=30)

    def mails(self, to: str, subject: str = "") -> list[EmailMessage]:
        pairs = zip(list(self.box.mails), list(self.box.recipients), strict=False)
        return [mail for mail, recipients in pairs if recipients == [to] and subject in mail["subject"]]

    def mail(self, to: str, subject: str = "") -> EmailMessage:
        return eventually(lambda: self.mails(to, subject))[0]

    def local(self, link: str) -> str:
        """The address at which this machine has what a mail links to."""
        assert link.startswith(EXTERNAL), link
        return self.server.url + link.removeprefix(EXTERNAL)

    def subscribe(self, address: str, *components: str, client: str) -> None:
        before = len(self.mails(address, "Confirm"))
        assert self.ask(address, *components, client=client).status_code == 200
        mail = eventually(lambda: self.mails(address, "Confirm")[before:])[0]
        answer = httpx.post(self.local(link_of(mail, "confirm")), timeout=30)
        assert (answer.status_code, "You are subscribed" in answer.text) == (200, True), answer.text


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def link_of(mail: EmailMessage, act: str) -> str:
    found = re.search(rf"https://\S+/{act}\?\S+", text_of(mail))
    assert found is not None, text_of(mail)
    return found[0]


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    base = tmp_path_factory.mktemp("mails")
    with mail_server() as box:
        write_plan(base / "plan", box.port)
        port = free_port()
        server = Server(base / "data", options=(*options(base / "plan"), "--port", str(port))).start()
        server.url = f"http://127.0.0.1:{port}"
        with server.api() as api:
            assert api.put("/api/v1/status-page", json=DEFINITION).status_code == 200
        yield Public(server, box)
        server.stop()


def write_plan(folder: Path, port: int) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "midwatch.yml").write_text("services: {}\n")
    (folder / "alertmanager.yml").write_text(ROUTES.replace("PORT", str(port)))


def options(plan: Path) -> tuple[str, ...]:
    places = ("--private-networks", "127.0.0.0/8", "--trusted-proxies", "127.0.0.1", "--external-url", EXTERNAL)
    return ("--plan", str(plan), *places)


def notice(public: Public, **fields: Any) -> str:
    body = {"title": "Calls fail", "text": "We look into it.", "components": ["Phone"], "impact": "major"} | fields
    with public.server.api() as api:
        made = api.post("/api/v1/status-page/notices", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


def say(public: Public, notice_id: str, **fields: Any) -> None:
    with public.server.api() as api:
        said = api.post(f"/api/v1/status-page/notices/{notice_id}/updates", json=fields)
        assert said.status_code == 201, said.text


def told(public: Public) -> dict[str, Any]:
    with public.server.api() as api:
        found: dict[str, Any] = api.get("/api/v1/status-page").json()
        return found


def test_a_subscription_from_the_form_to_its_end(public: Public) -> None:
    """Nothing but a request to confirm before that is done; then each word of a notice that concerns one; then, by one
    click, nothing more. Links lead to where the server says that it is, whatever the request said."""
    page = httpx.get(f"{public.server.url}{PATH}", timeout=30).text
    assert f'action="{PATH}/subscribe"' in page
    assert "Jobs &lt;b&gt;" in page
    assert "<script" not in page
    asked = public.ask(" Ana@Example.com ", "Phone", client="198.51.100.1", host="evil.example.net")
    assert (asked.status_code, "Look into your mailbox" in asked.text) == (200, True), asked.text
    assert asked.headers["cache-control"] == "no-store"
    confirmation = public.mail("ana@example.com", "Confirm: Shop status by mail")
    assert confirmation["from"] == "Shop <status@example.org>"
    assert confirmation["auto-submitted"] == "auto-generated"
    assert "evil" not in confirmation.as_string()
    assert "news of Phone" in text_of(confirmation)
    link = public.local(link_of(confirmation, "confirm"))
    # Mail programs open links by themselves: that subscribes nobody.
    assert "<button>Confirm</button>" in httpx.get(link, timeout=30).text
    assert told(public)["subscriptions"]["subscribers"] == 0
    early = notice(public, title="Too early")
    assert httpx.post(link, timeout=30).status_code == 200
    assert "already" in httpx.get(link, timeout=30).text
    assert httpx.post(link, timeout=30).status_code == 200
    public.subscribe("bob@example.com", client="198.51.100.2")

    incident = notice(public)
    mail = public.mail("ana@example.com", "[Shop status] Investigating: Calls fail")
    text = text_of(mail)
    for words in ("We look into it.", "Affects Phone", f"{EXTERNAL}{PATH}#{incident}", "subscribed to Phone of"):
        assert words in text, text
    assert "admin" not in text.lower()
    public.mail("bob@example.com", "Investigating: Calls fail")
    notice(public, title="Pages are slow", components=["Web"])
    public.mail("bob@example.com", "Pages are slow")
    say(public, incident, status="monitoring", text="<i>Mended</i>, & we watch.", components=["Web"])
    update = public.mail("ana@example.com", "Monitoring: Calls fail")
    assert "<i>Mended</i>, & we watch." in text_of(update)
    assert "We look into it." in text_of(update)
    assert "&lt;i&gt;Mended&lt;/i&gt;, &amp; we watch." in text_of(update, "html")
    assert update["references"] == mail["references"]
    say(public, incident, status="resolved", text="It works again.")
    public.mail("ana@example.com", "Resolved: Calls fail")
    assert public.mails("ana@example.com", "Pages are slow") == []
    assert public.mails("ana@example.com", "Too early") == []

    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    leave = public.local(link_of(mail, "unsubscribe"))
    assert mail["list-unsubscribe"] == f"<{link_of(mail, 'unsubscribe')}>"
    assert "<button>Unsubscribe</button>" in httpx.get(leave, timeout=30).text
    assert told(public)["subscriptions"]["subscribers"] == 2
    for headers, content in ((MULTIPART, ONE_CLICK), (MULTIPART, ONE_CLICK)):
        assert httpx.post(leave, headers=headers, content=content, timeout=30).status_code == 200
    assert told(public)["subscriptions"]["subscribers"] == 1
    say(public, early, status="resolved", text="Over.")
    public.mail("bob@example.com", "Resolved: Too early")
    assert public.mails("ana@example.com", "Too early") == []
    hers = public.local(link_of(public.mail("bob@example.com", "Calls fail"), "unsubscribe"))
    assert httpx.post(hers, data={"List-Unsubscribe": "One-Click"}, timeout=30).status_code == 200


def test_maintenance_is_announced_begins_and_ends(public: Public) -> None:
    """Announced at once, told of when its time comes though nobody says a word, and when it is over."""
    public.subscribe("carl@example.com", "Web", client="198.51.100.3")
    planned = {"kind": "maintenance", "title": "New disks", "components": ["Web"], "text": "An hour at night."}
    soon = datetime.now(UTC) + timedelta(seconds=2)
    one = notice(public, **planned, starts=soon.isoformat(), ends=(soon + timedelta(hours=1)).isoformat())
    announced = public.mail("carl@example.com", "Scheduled: New disks")
    assert "Planned from" in text_of(announced)
    begins = public.mail("carl@example.com", "Maintenance begins: New disks")
    assert "An hour at night." in text_of(begins)
    say(public, one, status="completed", text="Done.")
    public.mail("carl@example.com", "Completed: New disks")
    subjects = [mail["subject"] for mail in public.mails("carl@example.com", "New disks")]
    assert len(subjects) == 3, subjects
    far = notice(public, **planned | {"title": "Later"}, starts="2030-01-01T00:00:00Z", ends="2030-01-01T01:00:00Z")
    public.mail("carl@example.com", "Scheduled: Later")
    with public.server.api() as api:
        assert api.delete(f"/api/v1/status-page/notices/{far}").status_code == 204


def test_nobody_learns_who_subscribed_and_nobody_is_flooded(public: Public) -> None:
    """A known address and a new one get the same answer and the same mail; a mailbox three in a day; a network ten in
    an hour. What is no form, no address, no component of the page, or too long is refused, and so are made-up links."""
    public.subscribe("dora@example.com", client="198.51.100.4")
    both = ("dora@example.com", "new@example.com")
    known, new = (public.ask(one, client="198.51.100.5") for one in both)
    assert (known.status_code, known.content) == (new.status_code, new.content)
    texts = [re.sub(r"\?\S+", "", text_of(public.mail(one, "Confirm"))) for one in both]
    assert texts[0] == texts[1]
    for tag in "abcd":
        assert public.ask(f"dora+{tag}@example.com", client="198.51.100.6").content == new.content
    statuses = [public.ask(f"e{number}@example.com", client="2001:db8::1").status_code for number in range(10)]
    refused = public.ask("e10@example.com", client="2001:db8::2")
    assert (set(statuses), refused.status_code, refused.headers["retry-after"]) == ({200}, 429, "3600")
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    public.mail("e9@example.com", "Confirm")
    assert len([mail for mail in public.box.mails if "dora" in mail["to"]]) == 3

    form = {"x-forwarded-for": "198.51.100.7", "content-type": "application/x-www-form-urlencoded"}
    url = f"{public.server.url}{PATH}/subscribe"
    for content, headers, status in (
        (b'{"email": "a@example.com"}', form | {"content-type": "application/json"}, 415),
        (b"email=a%40example.com%2Cb%40example.com", form, 400),
        (b"email=a%40example.com%0d%0aBcc%3a+b%40example.com", form, 400),
        (b"email=" + b"a" * 250 + b"%40example.com", form, 400),
        (b"", form, 400),
        (b"email=a%40example.com&component=Nothing", form, 400),
        (b"email=" + b"a" * (33 << 10), form, 413),
    ):
        answer = httpx.post(url, content=content, headers=headers, timeout=30)
        assert answer.status_code == status, (content[:60], answer.text)
    for act in ("confirm", "unsubscribe"):
        for method in ("GET", "POST"):
            query = {"id": "0" * 32, "s": "0" * 32}
            link = f"{public.server.url}{PATH}/{act}"
            answer = httpx.request(method, link, params=query, headers=form, content=b"", timeout=30)
            assert (answer.status_code, "This link is not valid" in answer.text) == (403, True), answer.text
    # A link to confirm ends nothing, and one to end confirms nothing.
    swapped = link_of(public.mail("new@example.com", "Confirm"), "confirm").replace("/confirm", "/unsubscribe")
    assert httpx.get(public.local(swapped), timeout=30).status_code == 403


def test_addresses_are_for_admins_and_can_be_removed(public: Public) -> None:
    """Others see how many; the log has none; what is removed is noted without the address, and gets no more mails."""
    public.subscribe("gone@example.com", "Web", client="198.51.100.8")
    with public.server.api() as api:
        made = api.post("/api/v1/tokens", json={"name": "editor", "role": "editor", "scopes": ["read", "write"]}).json()
        with public.server.api(made["token"]) as editor:
            assert "gone@example.com" not in editor.get("/api/v1/status-page").text
            assert editor.get("/api/v1/status-page/subscribers").status_code == 403
        found = api.get("/api/v1/status-page/subscribers", params={"containing": "GONE@"}).json()
        (one,) = found["subscribers"]
        assert (found["count"], one["address"], one["components"]) == (1, "gone@example.com", ["Web"])
        assert api.delete(f"/api/v1/status-page/subscribers/{one['id']}").status_code == 204
        assert api.delete(f"/api/v1/status-page/subscribers/{one['id']}").status_code == 404
        audit = api.get("/api/v1/audit").text
        assert "status_subscriber.remove" in audit
        assert "gone@example.com" not in audit
        assert "example.com" not in api.get("/api/v1/notifications").text
    assert "@example.com" not in public.server.output()


def test_mails_go_out_while_the_store_is_down(public: Public) -> None:
    """With the engine stopped, somebody subscribes and is told: all of it is the workspace's."""
    assert public.server.process is not None
    children = psutil.Process(public.server.process.pid).children(recursive=True)
    engines = [one for one in children if "midwatch.server.engine" in " ".join(one.cmdline())]
    assert engines
    for one in engines:
        os.kill(one.pid, signal.SIGSTOP)
    try:
        public.subscribe("night@example.com", client="198.51.100.11")
        notice(public, title="The store is down")
        public.mail("night@example.com", "The store is down")
    finally:
        for one in engines:
            os.kill(one.pid, signal.SIGCONT)


def test_whether_mails_went_out_is_shown(public: Public) -> None:
    """By notice: those that were taken, those that were refused; an address refused three times is forgotten."""
    with public.server.api() as api:
        for other in api.get("/api/v1/status-page/subscribers").json()["subscribers"]:
            api.delete(f"/api/v1/status-page/subscribers/{other['id']}")
    public.subscribe("frail@example.com", "Jobs <b>", client="198.51.100.9")
    for number in range(3):
        public.box.refuse.append("550 no such user")
        one = notice(public, title=f"Jobs {number}", components=["Jobs <b>"])

        def mails(notice_id: str = one) -> dict[str, int]:
            found = next(one for one in told(public)["notices"] if one["id"] == notice_id)["mails"]
            return dict(found or {})

        counted = eventually(lambda mails=mails: (found := mails()) and not found["waiting"] and found)  # type: ignore[misc]
        assert counted["failed"] == 1, counted
    with public.server.api() as api:
        left = api.get("/api/v1/status-page/subscribers", params={"containing": "frail"}).json()
    assert left["count"] == 0


def test_the_form_is_there_where_mails_can_be_sent(public: Public, tmp_path: Path) -> None:
    """Not where the page's definition turns it off, nor without a mail server; and it is refused then, too."""
    with public.server.api() as api:
        off = api.put("/api/v1/status-page", json=DEFINITION | {"subscribe_by_mail": False}).json()
        assert (off["subscriptions"]["offered"], off["subscriptions"]["mail_server"]) == (False, True)
        assert "/subscribe" not in httpx.get(f"{public.server.url}{PATH}", timeout=30).text
        assert public.ask("off@example.com", client="198.51.100.10").status_code == 404
        assert api.put("/api/v1/status-page", json=DEFINITION).json()["subscriptions"]["offered"] is True
        without = {"midwatch.yml": "services: {}\n"}
        assert api.post("/api/v1/plan/apply", json={"files": without}).json()["ok"]
        shown = told(public)["subscriptions"]
        assert (shown["offered"], shown["mail_server"]) == (False, False)
        assert "/subscribe" not in httpx.get(f"{public.server.url}{PATH}", timeout=30).text
