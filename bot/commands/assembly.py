"""The platforms that are set up: their doors and their senders. Only those in use are imported."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.base import Edge, Listener, Outbound
from bot.config import Settings


@dataclass(frozen=True, slots=True)
class Platforms:
    """Doors, senders and listeners. later: loads what they need only when somebody comes; blocks, so for threads."""

    edges: tuple[Edge, ...]
    senders: dict[str, Outbound]
    later: tuple[Callable[[], object], ...] = ()
    listeners: tuple[Listener, ...] = ()

    @property
    def names(self) -> list[str]:
        """The platforms that people can be heard on."""
        doors, heard = [one.platform for one in self.edges], [one.platform for one in self.listeners]
        return [str(one) for one in dict.fromkeys([*doors, *heard])]


def platforms(settings: Settings, *, dev: bool = False) -> Platforms:
    """Doors and senders of Slack and Teams, as far as they are set up. dev: Teams works without a login."""
    edges: list[Edge] = []
    senders: dict[str, Outbound] = {}
    later: list[Callable[[], object]] = []
    listeners: list[Listener] = []
    if settings.slack:
        from adapters.slack.app import SlackEdge  # noqa: PLC0415 - only where Slack is used
        from adapters.slack.limits import SlackRates  # noqa: PLC0415

        secret, token, app = settings.slack_signing_secret, settings.slack_bot_token, settings.slack_app_token
        slack = SlackEdge(
            [secret.get_secret_value() if secret else ""],
            token.get_secret_value() if token else "",
            settings.slack_api_url,
            [settings.slack_team] if settings.slack_team else [],
            rates=SlackRates(settings.slack_rate),
            signed=app is None,
        )
        if secret is not None:
            edges.append(slack)
        if app is not None:
            from adapters.slack.socket_mode import SlackSocket  # noqa: PLC0415 - only where Socket Mode is used

            listeners.append(SlackSocket(slack, app.get_secret_value()))
        senders["slack"] = slack.outbound
    if settings.teams or dev:
        from adapters.teams.late import Halves, LateEdge, LateOutbound  # noqa: PLC0415 - only where Teams is used
        from adapters.teams.limits import TeamsRates  # noqa: PLC0415

        teams = Halves(lambda: (_teams_edge(settings, dev=dev), _teams(settings, dev=dev)))
        edges.append(LateEdge(teams))
        senders["teams"] = LateOutbound(teams, TeamsRates(settings.teams_rate))
        later.append(teams.load)
    return Platforms(tuple(edges), senders, tuple(later), tuple(listeners))


def outbounds(settings: Settings) -> dict[str, Outbound]:
    """The senders alone, of the platforms whose settings allow to send."""
    senders: dict[str, Outbound] = {}
    if settings.slack_bot_token is not None:
        from adapters.slack.limits import SlackRates  # noqa: PLC0415 - only where Slack is used
        from adapters.slack.outbound import SlackOutbound  # noqa: PLC0415

        senders["slack"] = SlackOutbound(
            settings.slack_bot_token.get_secret_value(),
            settings.slack_api_url,
            SlackRates(settings.slack_rate),
        )
    if settings.teams_app_id and settings.teams_app_password:
        senders["teams"] = _teams(settings, dev=False)
    return senders


def service_hosts(settings: Settings) -> tuple[str, ...]:
    """The hosts of Teams that the bot may answer to."""
    return tuple(settings.teams_service_hosts.replace(",", " ").split())


def _teams_edge(settings: Settings, *, dev: bool) -> Edge:
    from adapters.teams.app import TeamsEdge  # noqa: PLC0415 - only where Teams is used

    tenants = [settings.teams_tenant_id] if settings.teams_tenant_id else []
    return TeamsEdge(settings.teams_app_id or "", tenants, hosts=service_hosts(settings), dev=dev)


def _teams(settings: Settings, *, dev: bool) -> Outbound:
    from adapters.teams.credentials import Credentials  # noqa: PLC0415 - only where Teams is used
    from adapters.teams.limits import TeamsRates  # noqa: PLC0415
    from adapters.teams.outbound import TeamsOutbound  # noqa: PLC0415

    password = settings.teams_app_password
    credentials = Credentials(
        settings.teams_app_id or "",
        password.get_secret_value() if password else "",
        settings.teams_tenant_id or "",
    )
    return TeamsOutbound(
        credentials, hosts=service_hosts(settings), dev=dev, rates=TeamsRates(settings.teams_rate)
    )
