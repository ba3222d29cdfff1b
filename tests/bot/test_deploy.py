"""The container and the compose file, checked where no engine runs: every name in them leads somewhere."""

import re
from pathlib import Path
from typing import Any

import yaml

from bot.cli import app
from bot.config import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {str(field.validation_alias) for field in Settings.model_fields.values()} | {"EMBARQUE_COPY_TO"}
OURS = re.compile(r"\b(?:EMBARQUE|SLACK|TEAMS)_[A-Z_]+\b")
COMMANDS = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
GROUPS = {one.name for one in app.registered_groups}


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def steps() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_every_file_that_the_image_copies_is_there_and_gets_to_the_builder() -> None:
    """Would catch a build that fails on the first machine that has an engine, or copies a database into the image."""
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [rest.split() for keyword, rest in steps() if keyword == "COPY" and "--from" not in rest]
    sources = {Path(one).as_posix() for words in copied for one in words[:-1]}
    assert sources == sent
    for one in sources:
        assert (ROOT / one).exists()
    packaged = (ROOT / "pyproject.toml").read_text()
    for room in ("bot", "adapters", "dialogs", "content"):
        assert room in sources
        assert f'"{room}*"' in packaged


def test_the_image_runs_without_rights_and_says_whether_it_lives() -> None:
    """Would catch a container that runs as root, or a health check that needs a program which is not there."""
    found = dict(steps())
    user = found["USER"].split(":")[0]
    assert user.isdigit()
    assert int(user) > 0
    assert found["ENTRYPOINT"] == '["embarque"]'
    assert found["CMD"] == '["run"]'
    assert '"python"' in found["HEALTHCHECK"]
    assert found["VOLUME"].strip('[]"').startswith(found["WORKDIR"])
    # Not /readyz: a database that is away must not restart every replica.
    assert "/healthz" in found["HEALTHCHECK"]


def test_every_setting_that_is_named_exists() -> None:
    """Would catch a variable that was renamed: the replicas would start with the default, as on a file of their own."""
    files = [ROOT / "Dockerfile", *(one for one in DEPLOY.iterdir() if one.is_file())]
    for file in files:
        named = set(OURS.findall(file.read_text())) - {"EMBARQUE_SITE"}  # Caddy's own
        assert named <= SETTINGS, (file.name, named - SETTINGS)


def test_every_command_that_is_named_exists() -> None:
    """Would catch a restart loop, or a paragraph on restoring that nobody can follow when it matters."""
    for service in compose()["services"].values():
        if service["image"] == "embarque":
            assert service["command"][0] in COMMANDS
    readme = (DEPLOY / "README.md").read_text()
    words = set(
        re.findall(r"(?:`|/embarque )embarque ([a-z][a-z-]+)|run --rm.* embarque-1 ([a-z][a-z-]+)", readme)
    )
    told = {one or other for one, other in words}
    assert {"run", "backup", "restore", "copy-to", "people", "doctor"} <= told
    assert told <= COMMANDS | GROUPS


def test_the_replicas_share_one_database_and_nothing_can_start_without_its_password() -> None:
    """Would catch replicas on two databases, and a password that is written in a public file."""
    services = compose()["services"]
    replicas = [one for one in services.values() if one["image"] == "embarque"]
    assert len(replicas) == 2
    assert len({one["environment"]["EMBARQUE_DATABASE_URL"] for one in replicas}) == 1
    url = replicas[0]["environment"]["EMBARQUE_DATABASE_URL"]
    assert url.startswith("postgresql+psycopg://")
    assert url.rpartition("@")[2].split("/") == [
        "postgres",
        services["postgres"]["environment"]["POSTGRES_DB"],
    ]
    for file in DEPLOY.iterdir():
        for secret in re.findall(r"(?:PASSWORD|SECRET|TOKEN)[ ]*[:=][ ]*(\S*)", file.read_text()):
            assert secret in {"", "?set", "$(openssl"} or secret.startswith("${POSTGRES_PASSWORD:?"), secret
    assert not any("ports" in services[name] for name in ("postgres", "embarque-1", "embarque-2"))


def test_the_balancer_asks_the_replicas_that_there_are_whether_they_are_ready() -> None:
    """Would catch a third replica that gets no requests, or one that is sent requests while it stops."""
    services = compose()["services"]
    caddy = (DEPLOY / "Caddyfile").read_text()
    upstreams = set(re.search(r"reverse_proxy ([^{]+)\{", caddy)[1].split())  # type: ignore[index]
    settings = services["embarque-1"]["environment"]
    replicas = [name for name, one in services.items() if one["image"] == "embarque"]
    assert upstreams == {f"{name}:{settings['EMBARQUE_PORT']}" for name in replicas}
    assert "health_uri /readyz" in caddy
    assert caddy.count("{") == caddy.count("}")
    seconds = int(re.search(r"health_interval (\d+)s", caddy)[1])  # type: ignore[index]
    assert float(settings["EMBARQUE_DRAIN_SECONDS"]) > 2 * seconds
    grace = int(services["embarque-1"]["stop_grace_period"].removesuffix("s"))
    assert grace > float(settings["EMBARQUE_DRAIN_SECONDS"]) + 20


def test_whatever_a_service_refers_to_is_declared() -> None:
    """Would catch a compose file that the engine refuses: an unknown network, volume, service or file."""
    whole = compose()
    for name, service in whole["services"].items():
        assert set(service["networks"]) <= set(whole["networks"]), name
        assert set(service.get("depends_on", ())) <= set(whole["services"]), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), volume
            else:
                assert source in whole["volumes"], volume
        assert re.fullmatch(r"[a-z]+(:\d+)?", service["image"]), "a plain image name"
    assert (DEPLOY / f"{whole['services']['embarque-1']['env_file']}.example").exists()
    assert (DEPLOY / whole["services"]["embarque-1"]["build"]["context"] / "Dockerfile").exists()
