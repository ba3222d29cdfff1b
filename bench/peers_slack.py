"""What one writes with Bolt: python -m bench.peers_slack trivial|before|orm PORT [DATABASE].

trivial: one listener that does nothing, in Bolt's own way. before: the same, answered when the listener has ended.
orm: the listener keeps the answer and where the person stands with SQLAlchemy's ORM, and is answered after the commit.
"""

import asyncio
import re
import sys
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.servers import PATH, SECRET

ANYTHING = re.compile(".*", re.DOTALL)


class Base(DeclarativeBase):
    """The tables of this program."""


class Standing(Base):
    """Where a person stands in the dialog."""

    __tablename__ = "standing"
    user: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class Answer(Base):
    """What a person said."""

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(index=True)
    step: Mapped[int]
    text: Mapped[str]
    at: Mapped[datetime]


async def trivial(_: str) -> AsyncApp:
    """Bolt as its documentation shows it."""
    return _app(before=False)


async def before(_: str) -> AsyncApp:
    """Bolt that answers when the listener has ended."""
    return _app(before=True)


async def orm(url: str) -> AsyncApp:
    """Bolt with a database behind the listener."""
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        _durable(engine.sync_engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def keep(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        async with sessions() as session, session.begin():
            await _keep(session, body["user"]["id"], action["value"], now)
        await ack()

    app = AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=True)
    app.action(ANYTHING)(keep)
    return app


async def _keep(session: AsyncSession, user: str, said: str, now: datetime) -> None:
    standing = await session.get(Standing, user)
    if standing is None:
        standing = Standing(user=user, step=0, changed_at=now)
        session.add(standing)
    session.add(Answer(user=user, step=standing.step, text=said, at=now))
    standing.step += 1
    standing.changed_at = now


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0TEAM", bot_token="xoxb-bench", bot_user_id="U0BOT")


def _app(*, before: bool) -> AsyncApp:
    app = AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=before)

    @app.action(ANYTHING)
    async def heard(ack: AsyncAck) -> None:
        await ack()

    return app


def _durable(engine: sa.Engine) -> None:
    """As durable as ours, and the writers wait for each other instead of failing."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def began(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


async def serve(kind: str, port: int, url: str) -> None:
    """Serve until the process is told to stop."""
    app = await {"trivial": trivial, "before": before, "orm": orm}[kind](url)

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    application = web.Application()
    application.router.add_post(PATH, handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))
