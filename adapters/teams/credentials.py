"""The bot's own token for the connector: fetched off to the side, kept, and renewed before it ends."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson

TOKEN_URL = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105 - an address
SCOPE = "https://api.botframework.com/.default"

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_AHEAD = 300.0
_SHORTEST = 60.0


class NoTokenError(Exception):
    """The directory gave no token. reason: its own word for it, for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Credentials:
    """The app's id and secret, and the token that they buy.

    With an empty app id there is no token: that is a development set-up whose peers are on this machine.
    """

    def __init__(
        self,
        app_id: str,
        password: str,
        tenant_id: str,
        *,
        token_url: str = TOKEN_URL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app_id = app_id
        self._password = password
        self._url = token_url.format(tenant=tenant_id)
        self._clock = clock
        self._token = ""
        self._renew_at = self._ends_at = 0.0
        self._fetching: asyncio.Task[None] | None = None

    async def token(self) -> str:
        """Return a token that is good for a minute at least; raise NoTokenError when none can be had.

        Callers share one fetch, and none of them waits for it while the old token still holds.
        """
        if not self.app_id:
            return ""
        if self._clock() >= self._renew_at and self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
            # A renewal ahead of time may fail unseen; the next caller tries again.
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        if self._clock() >= self._ends_at and self._fetching is not None:
            await asyncio.shield(self._fetching)
        return self._token

    def forget(self) -> None:
        """Drop the token because the connector did not take it."""
        self._renew_at = self._ends_at = 0.0

    async def _fetch(self) -> None:
        try:
            answer = await self._ask()
            self._token = str(answer["access_token"])
            lasts = max(_SHORTEST, float(answer.get("expires_in", 0)))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoTokenError(type(error).__name__) from error
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise NoTokenError("malformed_answer") from error
        finally:
            self._fetching = None
        self._renew_at = self._clock() + max(lasts - _AHEAD, lasts / 2)
        self._ends_at = self._clock() + lasts - _SHORTEST / 2

    async def _ask(self) -> dict[str, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.app_id,
            "client_secret": self._password,
            "scope": SCOPE,
        }
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as http,
            http.post(self._url, data=form, allow_redirects=False) as answer,
        ):
            found = orjson.loads(await answer.read())
            if answer.status != 200:  # noqa: PLR2004
                raise NoTokenError(f"{answer.status} {found.get('error', '')}".strip())
            return dict(found)
