"""Mail: in plain text and HTML, over TLS, with a link that acknowledges."""

import json
import ssl

import trustme
from tests.integration.notify.conftest import EXTERNAL, Office, alert, told
from tests.integration.notify.smtp_sink import mail_server

from midwatch.server.model.notification import Reason
from midwatch.server.workspace.outbox import State


async def test_a_mail_says_what_fires_in_both_forms(office: Office) -> None:
    """Values are escaped in the HTML; the id is the notification's; the threads of a group hang together."""
    with mail_server() as box:
        config = {
            "to": "Ana <ana@example.com>, bob@example.com",
            "headers": {"X-Team": "{{ .CommonLabels.alertname }}"},
            "threading": {"enabled": True, "thread_by_date": "none"},
            "require_tls": False,
        }
        everywhere = {"smtp_smarthost": f"127.0.0.1:{box.port}", "smtp_from": "Midwatch <watch@example.org>"}
        await office.configure({"email": config}, everywhere)
        (id_,) = await office.put(told("email", alerts=[alert(service="<b>api</b>")]))
        row, attempts = await office.done(id_)
        assert row.state == State.DELIVERED, row.error
        (mail,) = box.mails
        assert mail["subject"] == "[FIRING 1] HighErrorRate"
        assert (mail["from"], mail["to"]) == ("Midwatch <watch@example.org>", "Ana <ana@example.com>, bob@example.com")
        assert box.recipients == [["ana@example.com", "bob@example.com"]]
        assert mail["message-id"] == f"<{id_}@example.org>"
        assert mail["references"] == mail["in-reply-to"]
        assert mail["x-team"] == "HighErrorRate"
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert "service=<b>api</b>" in plain.get_content()
        assert f"{EXTERNAL}/ack?n={id_}&s=" in plain.get_content()
        text = html.get_content()
        assert "service=&lt;b&gt;api&lt;/b&gt;" in text
        assert "HighErrorRate &lt;now&gt; &amp; soon" in text
        assert f"{EXTERNAL}/ack?n={id_}&amp;s=" in text
        assert 'href="https://runbooks.example.com/HighErrorRate"' in text
        assert attempts[0].exchanges[0]["request"]["url"] == f"smtp://127.0.0.1:{box.port}"


async def test_a_mail_goes_over_tls_and_with_a_login(office: Office) -> None:
    """STARTTLS with a certificate that is checked; the password is kept nowhere; without TLS it does not go."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with mail_server(context, auth=True) as box:
        config = {
            "to": "ana@example.com",
            "from": "watch@example.org",
            "smarthost": f"127.0.0.1:{box.port}",
            "auth_username": "watch",
            "auth_password": "mail-password",
            "tls_config": {"ca": authority.cert_pem.bytes().decode()},
            "send_resolved": True,
        }
        await office.configure({"email": config})
        row, attempts = await office.send(told("email", Reason.ALL_RESOLVED))
        assert row.state == State.DELIVERED, row.error
        assert (box.secure, box.logins) == ([True], ["\0watch\0mail-password"])
        assert "mail-password" not in json.dumps(attempts[0].exchanges)
        assert box.mails[0]["subject"] == "[RESOLVED] HighErrorRate"
    with mail_server() as box:
        await office.configure({"email": {**config, "smarthost": f"127.0.0.1:{box.port}"}})
        row, _ = await office.send(told("email"))
        assert (row.state, box.mails) == (State.FAILED, [])
        assert "no STARTTLS" in row.error


async def test_recipients_that_are_refused(office: Office) -> None:
    """For now: later they may be taken. For good: once. One of two: the other has it."""
    with mail_server() as box:
        everywhere = {
            "smtp_smarthost": f"127.0.0.1:{box.port}",
            "smtp_from": "w@example.org",
            "smtp_require_tls": False,
        }
        await office.configure({"email": {"to": "a@example.com"}}, everywhere)
        box.refuse += ["450 later"]
        row, attempts = await office.send(told("email"))
        assert (row.state, [one.verdict for one in attempts]) == (State.DELIVERED, ["again", "delivered"])
        box.refuse += ["550 nobody here"]
        row, attempts = await office.send(told("email"))
        assert (row.state, len(attempts)) == (State.FAILED, 1)
        assert "a@example.com: 550" in row.error
        await office.configure({"email": {"to": "a@example.com, b@example.com"}}, everywhere)
        box.refuse += ["550 nobody here"]
        row, attempts = await office.send(told("email"))
        assert (row.state, box.recipients[-1]) == (State.DELIVERED, ["b@example.com"])
        assert "refused for a@example.com" in attempts[0].exchanges[0]["answer"]["body"]
