"""`python -m examples.outside PORT SMTP_PORT`: the outside world until it is stopped."""

import sys

import uvicorn

from examples.outside.told import mail_server
from examples.outside.world import world


def main(port: int, smtp_port: int) -> None:
    mail = mail_server(smtp_port)
    mail.start()
    try:
        uvicorn.run(world(), host="127.0.0.1", port=port, log_level="warning")
    finally:
        mail.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
