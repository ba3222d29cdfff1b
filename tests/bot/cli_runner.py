"""The command line as a person uses it: a folder of one's own, an environment of one's own, what comes back."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from bot.cli import app

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
OURS = ("EMBARQUE_", "SLACK_", "TEAMS_", "LC_", "LANG")


@dataclass
class Terminal:
    """A terminal in a folder. Only what is set here is in the environment of the command."""

    folder: Path
    lang: str = "en_CA.UTF-8"

    @property
    def database(self) -> Path:
        return self.folder / "company.db"

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        url = f"sqlite+aiosqlite:///{self.database}"
        return {"LANG": self.lang, "EMBARQUE_DATABASE_URL": url, **given}

    def types(self, *words: str, stdin: str = "", **given: str) -> Result:
        """Run a command inside this process."""
        gone = {name: None for name in os.environ if name.startswith(OURS)}
        result = CliRunner().invoke(app, [*words], input=stdin, env={**gone, **self.environment(given)})
        assert "Traceback" not in result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def starts(self, *words: str, **given: str) -> subprocess.Popen[str]:
        """Run a command as a process of its own, with a pipe for what it says."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        env = {**kept, "PYTHONPATH": str(ROOT), **self.environment(given)}
        return subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *words],
            cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def imports(self, text: str, *options: str, encoding: str = "utf-8", **given: str) -> Result:
        """Import people from a file with this text."""
        file = self.folder / "people.csv"
        file.write_bytes(text.encode(encoding))
        known = {"SLACK_TEAM_ID": "T1", **given}
        return self.types("people", "import", str(file), *options, **known)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Ask the database; nothing when there is none yet."""
        if not self.database.exists():
            return []
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(statement).fetchall()


PEOPLE = """id,name,first_name,email,function,site,locale,zone,region,week_hours,slack_id,roles,manager
p1,Prénom Nom,Prénom,prenom@example.org,MKT,Laval,fr,America/Toronto,CA-QC,"37,5",U1,project_lead;function_lead:MKT,
p2,First Last,First,first@example.org,SHP,Vancouver,en,America/Vancouver,CA-BC,35,U2,function_lead,prenom@example.org
p3,Sacha Petit,,sacha@example.org,LEG,,,,,,,,p1
"""
