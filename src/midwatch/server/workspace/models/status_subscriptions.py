"""Who is told of the status page's notices by mail, and the mails that are owed to them."""

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from midwatch.server.workspace.models.base import Base

ADDRESS_CHARACTERS_MAX = 254
"""RFC 5321, 4.5.3.1.3, with the erratum 1690."""
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class StatusConfirmationRow(Base):
    """Somebody asked for mails to an address; only whoever reads it can confirm that. Kept for a day."""

    __tablename__ = "status_confirmations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    address: Mapped[str] = mapped_column(String(ADDRESS_CHARACTERS_MAX))
    """Empty once it is confirmed."""
    components: Mapped[list[str]] = mapped_column(JSON)
    mailbox: Mapped[str] = mapped_column(String(64), index=True)
    """A digest, under which asking for the same mailbox is counted."""
    client: Mapped[str] = mapped_column(String(64), index=True)
    """A digest, under which asking from the same network is counted."""
    created_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    confirmed: Mapped[bool] = mapped_column(Boolean)


class StatusSubscriberRow(Base):
    __tablename__ = "status_subscribers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    address: Mapped[str] = mapped_column(String(ADDRESS_CHARACTERS_MAX), unique=True)
    components: Mapped[list[str]] = mapped_column(JSON)
    """Empty: all of them."""
    since_ms: Mapped[int] = mapped_column(BigInteger)
    refusals: Mapped[int] = mapped_column(Integer)
    """By the mail server, one after the other."""


class StatusMailRow(Base):
    """One mail: of a confirmation, or of a notice to a subscriber. Whom it is to stands there, and nowhere here."""

    __tablename__ = "status_mails"
    __table_args__ = (
        Index("status_mails_waiting", "state", "turn", "number"),
        Index("status_mails_of_notice", "notice_id", "subscriber_id"),
    )

    number: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    confirmation_id: Mapped[str | None] = mapped_column(String(32))
    subscriber_id: Mapped[str | None] = mapped_column(String(32), index=True)
    notice_id: Mapped[str | None] = mapped_column(String(32))
    updates: Mapped[int] = mapped_column(Integer)
    """How many updates the notice had: the mail tells those."""
    begins: Mapped[bool] = mapped_column(Boolean)
    """It tells that planned maintenance begins, which nobody has said."""
    state: Mapped[str] = mapped_column(String(20))
    turn: Mapped[int] = mapped_column(Integer)
    """0 for confirmations, for which somebody waits; 1."""
    attempts: Mapped[int] = mapped_column(Integer)
    next_ms: Mapped[int] = mapped_column(BigInteger)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    finished_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)
    error: Mapped[str] = mapped_column(Text)
