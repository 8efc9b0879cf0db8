"""A mail server on this machine: speaks enough SMTP, with STARTTLS and AUTH where asked for."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Mailbox:
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    """Answers to RCPT TO, one each; then it is taken."""


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, auth: bool = False) -> Iterator[Mailbox]:
    """With a context it offers STARTTLS."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")
            self.wfile.flush()

        def handle(self) -> None:
            secure, to = False, []
            self.say("220 mail.example.com")
            while line := self.rfile.readline():
                word, _, rest = line.decode(errors="replace").strip().partition(" ")
                match word.upper():
                    case "EHLO":
                        offers = ["mail.example.com"]
                        offers += ["STARTTLS"] if context and not secure else []
                        offers += ["AUTH PLAIN LOGIN"] if auth and (secure or not context) else []
                        for index, offer in enumerate(offers):
                            self.say(f"250{'-' if index < len(offers) - 1 else ' '}{offer}")
                    case "STARTTLS":
                        assert context is not None
                        self.say("220 go ahead")
                        self.connection = context.wrap_socket(self.connection, server_side=True)
                        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                        secure = True
                    case "AUTH":
                        box.logins.append(base64.b64decode(rest.split()[1]).decode())
                        self.say("235 welcome")
                    case "RCPT":
                        answer = box.refuse.pop(0) if box.refuse else "250 ok"
                        to += [rest[4:-1].strip("<>")] if answer.startswith("250") else []
                        self.say(answer)
                    case "DATA":
                        self.say("354 go on")
                        body = b""
                        while (part := self.rfile.readline()) != b".\r\n":
                            body += part[1:] if part.startswith(b"..") else part
                        box.mails.append(cast(EmailMessage, message_from_bytes(body, policy=policy.default)))
                        box.recipients.append(to)
                        box.secure.append(secure)
                        to = []
                        self.say("250 taken")
                    case "QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("250 ok")

    socketserver.ThreadingTCPServer.daemon_threads = True
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
