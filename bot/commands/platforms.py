"""The pure drawing of each platform; none of these modules opens a connection or imports a platform's SDK."""

from adapters.base import Render
from adapters.slack.render import render as slack
from adapters.teams.render import render as teams
from adapters.web.render import render as web

RENDERS: dict[str, Render] = {"slack": slack, "teams": teams, "web": web}
