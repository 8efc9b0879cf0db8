"""Rows on a real PostgreSQL that say in which story they were written."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from midwatch.sdk.context import ID_MAX, work
from midwatch.sdk.integrations.sqlalchemy_stamp import Correlated, correlation_column
from tests.postgresql import new_database

pytestmark = pytest.mark.postgres


class Base(DeclarativeBase):
    pass


class Linkup(Correlated, Base):
    __tablename__ = "linkups"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="new")


class Message(Correlated, Base):
    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(default="")


plain = MetaData()
visits = Table(
    "visits",
    plain,
    Column("id", Integer, primary_key=True),
    Column("page", String),
    correlation_column("story"),
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with new_database() as url:
        yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    for metadata in (Base.metadata, plain):
        metadata.drop_all(engine)
        metadata.create_all(engine)
    yield engine
    engine.dispose()


def stories(engine: Engine) -> list[str | None]:
    with Session(engine) as session:
        return list(session.scalars(select(Linkup.correlation_id).order_by(Linkup.id)))


def test_rows_carry_the_story_that_wrote_them_last(engine: Engine) -> None:
    """An insert and an update by a session; what is written outside of any work leaves what is there."""
    with Session(engine, expire_on_commit=False) as session:
        with work("sms-1"):
            linkup, other = Linkup(), Linkup()
            session.add_all([linkup, other])
            session.commit()
        with work("admin-2"):
            linkup.state = "locked"
            session.commit()
            assert linkup.correlation_id == "admin-2"
        linkup.state = "open"
        session.commit()
        assert (linkup.state, linkup.correlation_id) == ("open", "admin-2")
        session.add(Linkup())
        session.commit()
    assert stories(engine) == ["admin-2", "sms-1", None]


def test_a_row_that_did_not_change_is_not_written(engine: Engine) -> None:
    with Session(engine) as session, work("first"):
        session.add(Linkup(state="same"))
        session.commit()
    with Session(engine) as session, work("second"):
        found = session.scalars(select(Linkup)).one()
        found.state = "other"
        found.state = "same"
        session.commit()
    assert stories(engine) == ["first"]


def test_an_id_that_the_app_gives_is_kept(engine: Engine) -> None:
    with Session(engine) as session, work("at-hand"):
        session.add(Linkup(correlation_id="given"))
        session.execute(insert(Linkup).values(state="new", correlation_id="given, too"))
        session.commit()
        linkup = session.scalars(select(Linkup).order_by(Linkup.id)).first()
        assert linkup is not None
        with work("later"):
            linkup.correlation_id = "given anew"
            session.commit()
    assert stories(engine) == ["given anew", "given, too"]


def test_many_rows_at_once(engine: Engine) -> None:
    """Bulk inserts and updates, by the ORM and by mappings, and an UPDATE of many rows by one statement."""
    with Session(engine) as session:
        with work("import-1"):
            session.execute(insert(Linkup), [{"state": "new"} for _ in range(3)])
            session.bulk_insert_mappings(Linkup.__mapper__, [{"state": "new"}])
            session.bulk_save_objects([Linkup()])
            session.commit()
        with work("batch-2"):
            session.execute(update(Linkup).where(Linkup.id <= 2).values(state="locked"))
            session.execute(update(Linkup), [{"id": 3, "state": "locked"}])
            session.bulk_update_mappings(Linkup.__mapper__, [{"id": 4, "state": "locked"}])
            session.commit()
        with work("batch-3"):
            session.execute(update(Linkup).where(Linkup.id == 2).values(state="open"))
            session.commit()
        session.execute(update(Linkup).values(state="done"))
        session.execute(update(Linkup), [{"id": 1, "state": "done"}, {"id": 5, "state": "done"}])
        session.commit()
    assert stories(engine) == ["batch-2", "batch-3", "batch-2", "batch-2", "import-1"]


def test_an_update_that_reads_another_stamped_table(engine: Engine) -> None:
    """Both have the column: the one that is written is meant."""
    with Session(engine) as session:
        with work("first"):
            session.add_all([Linkup(), Message(text="hello")])
            session.commit()
        joined = update(Linkup).where(Linkup.id == Message.id, Message.text == "hello").values(state="answered")
        session.execute(joined)
        with work("second"):
            session.execute(joined)
        session.commit()
    assert stories(engine) == ["second"]


def test_a_table_without_the_orm(engine: Engine) -> None:
    """And an upsert, which by PostgreSQL's rules says by itself what it changes."""
    with engine.begin() as connection:
        with work("visit-1"):
            connection.execute(insert(visits), [{"id": 1, "page": "/"}, {"id": 2, "page": "/"}])
        with work("visit-2"):
            connection.execute(update(visits).where(visits.c.id == 1).values(page="/about"))
            row = upsert(visits).values(id=2, page="/new")
            changed = {"page": row.excluded.page, "story": row.excluded.story}
            connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=changed))
        connection.execute(update(visits).where(visits.c.id == 1).values(page="/again"))
        found = connection.execute(select(visits.c.id, visits.c.story).order_by(visits.c.id)).all()
    assert [tuple(one) for one in found] == [(1, "visit-2"), (2, "visit-2")]


async def test_async_sessions(engine: Engine, url: str) -> None:
    """What was written can be read from the object without asking the database, with a work at hand and without."""
    in_async = create_async_engine(url)
    async with AsyncSession(in_async, expire_on_commit=False) as session:
        with work("sms-1"):
            linkup = Linkup()
            session.add(linkup)
            await session.commit()
            assert linkup.correlation_id == "sms-1"
            await session.execute(insert(Linkup), [{"state": "new"}, {"state": "new"}])
        with work("admin-2"):
            linkup.state = "locked"
            await session.commit()
            assert linkup.correlation_id == "admin-2"
            await session.execute(update(Linkup).where(Linkup.id == 2).values(state="locked"))
        linkup.state = "open"
        await session.commit()
        assert linkup.correlation_id == "admin-2"
    await in_async.dispose()
    assert stories(engine) == ["admin-2", "admin-2", "sms-1"]


def test_the_longest_id_fits(engine: Engine) -> None:
    longest = "x" * ID_MAX
    with Session(engine) as session, work(longest):
        session.add(Linkup())
        session.commit()
    assert stories(engine) == [longest]
