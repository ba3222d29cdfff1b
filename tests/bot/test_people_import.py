"""Importing people: everything of a file, or nothing and every reason."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bot.cli_runner import PEOPLE, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_first_import_makes_the_company_and_tells_the_defaults_it_took(terminal: Terminal) -> None:
    """Would catch a company without dates, leads or headcounts, whose nudges then go to nobody."""
    done = terminal.imports(PEOPLE, "--starts", "2026-09-01", "--goes-live", "2027-06-08")
    assert done.exit_code == 0, done.output
    assert "3 new people" in done.output
    assert "zone, region" in done.output
    assert terminal.rows("select pack, starts_on, goes_live_on from project") == [
        ("ecommerce", "2026-09-01", "2027-06-08")
    ]
    assert terminal.rows("select code, headcount, lead from company_function where headcount > 0 order by code") == [
        ("LEG", 1, None), ("MKT", 1, "p1"), ("SHP", 1, "p2"),
    ]  # fmt: skip
    assert terminal.rows("select week_hours, manager from person order by id") == [
        (37.5, None),
        (35.0, "p1"),
        (37.5, "p1"),
    ]
    assert ("slack", "T1", "U1", "p1") in terminal.rows("select platform, team, user, person from address")
    owners = {row[0] for row in terminal.rows("select owner from item where owner is not null")}
    assert owners == {"p1", "p2"}


def test_french_headings_semicolons_and_windows_letters_are_read(terminal: Terminal) -> None:
    """Would catch an importer that only takes what an English spreadsheet writes."""
    text = "Nom;Prénom;Courriel;Service;Langue;Heures par semaine\nCôté;Chloé;chloe@example.org;Expédition;fr-FR;37,5\n"
    for encoding in ("cp1252", "utf-8-sig", "utf-16"):
        done = terminal.imports(text, encoding=encoding)
        assert done.exit_code == 0, done.output
    assert terminal.rows("select name, first_name, function, locale from person") == [
        ("Chloé Côté", "Chloé", "SHP", "fr-FR")
    ]


def test_every_mistake_is_told_by_its_line_and_nothing_is_written(terminal: Terminal) -> None:
    """Would catch the half import: two of five people in, and the file given back without a word."""
    text = (
        "name,email,function,locale,zone,region,week_hours,roles,manager,slack_id\n"
        "A,a@example.org,MKTT,fr,America/Toronto,CA-QC,37,,,U1\n"
        "B,a@example.org,MKT,xx,America/Torronto,XX-YY,900,sponsr,nobody,U1\n"
        ",not-an-address,MKT,fr,,,,function_lead:ZZZ,,U3\n"
        "D,d@example.org,MKT,fr,,,,,,,too many\n"
    )
    done = terminal.imports(text)
    assert done.exit_code == 1
    for said in (
        "line 2: unknown department: “MKTT”; did you mean “MKT”?", "line 3: unknown language", "America/Toronto",
        "line 3: unknown region", "line 3: hours a week", "did you mean “sponsor”?", "stands already on line 2",
        "line 4: the name is missing", "line 4: “not-an-address”", "line 4: unknown department", "line 5: more cells",
    ):  # fmt: skip
        assert said in done.output, said
    assert terminal.rows("select * from person") == terminal.rows("select * from project") == []


def test_an_unknown_column_is_answered_with_the_nearest_one(terminal: Terminal) -> None:
    """Would catch a column that is left out in silence, with everybody's e-mail in it."""
    done = terminal.imports("name,emial\nA,a@example.org\n")
    assert done.exit_code == 1
    assert "Did you mean “email”?" in done.output


def test_a_second_import_changes_people_by_id_or_email_and_makes_nobody_twice(terminal: Terminal) -> None:
    """Would catch the second import that doubles the company."""
    terminal.imports(PEOPLE)
    done = terminal.imports("name,email,function\nPrénom Nouveau-Nom,PRENOM@example.org,FIN\n")
    assert "0 new people, 1 updated" in done.output
    assert terminal.rows("select name, function, locale from person where id = 'p1'") == [
        ("Prénom Nouveau-Nom", "FIN", "fr-CA")
    ]
    assert terminal.rows("select count(*) from person") == [(3,)]
    assert terminal.rows("select count(*) from role where person = 'p1'") == [(2,)]


def test_somebody_elses_email_or_slack_id_is_refused(terminal: Terminal) -> None:
    """Would catch an import that hands one person's messages to another."""
    terminal.imports(PEOPLE)
    done = terminal.imports("id,name,email,slack_id\np9,Other,first@example.org,U1\n")
    assert done.exit_code == 1
    assert "First Last" in done.output
    assert "Prénom Nom" in done.output
    assert terminal.rows("select person from address where user = 'U1'") == [("p1",)]


def test_a_formula_stays_the_text_that_it_is(terminal: Terminal) -> None:
    """Would catch an importer that changes names or runs them."""
    done = terminal.imports('name,email\n"=HYPERLINK(""x"")",x@example.org\n@SUM(A1),y@example.org\n')
    assert done.exit_code == 0, done.output
    assert terminal.rows("select name from person order by email") == [('=HYPERLINK("x")',), ("@SUM(A1)",)]


def test_a_rehearsal_leaves_no_trace(terminal: Terminal) -> None:
    """Would catch a dry run that makes the database."""
    done = terminal.imports(PEOPLE, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "nothing is written" in done.output
    assert not terminal.database.exists()
    terminal.imports(PEOPLE)
    terminal.imports(PEOPLE.replace("Prénom Nom", "Somebody Else"), "--dry-run")
    assert terminal.rows("select name from person where id = 'p1'") == [("Prénom Nom",)]


def test_leave_and_departure_are_told_by_the_file(terminal: Terminal) -> None:
    """Would catch nudges to somebody on leave, and invitations to somebody who has left."""
    terminal.imports(PEOPLE)
    done = terminal.imports(
        "id;nom;absent_jusqua;statut\np1;Prénom Nom;2027-03-31;actif\np2;First Last;;inactif\n"
    )
    assert done.exit_code == 0, done.output
    asked = "select away_until, active from person where id in ('p1', 'p2') order by id"
    assert terminal.rows(asked) == [("2027-03-31", 1), (None, 0)]
    assert terminal.rows("select count(*) from role where person = 'p2'") == [(0,)]
    terminal.imports("id,name,away_until,status\np1,Prénom Nom,-,\np2,First Last,,active\n")
    assert terminal.rows(asked) == [(None, 1), (None, 1)]
    wrong = terminal.imports("id,name,away_until,status\np1,Prénom Nom,soon,gone\n")
    assert "“soon” is not a date" in wrong.output
    assert "“gone”" in wrong.output


def test_open_items_go_along_when_a_role_changes_hands(terminal: Terminal) -> None:
    """Would catch items that nobody is asked about any more, because their owner has left."""
    terminal.imports(PEOPLE)
    shipping = "select distinct owner from item where id in (select id from item where owner = '{}')"
    items = [row[0] for row in terminal.rows("select id from item where owner = 'p2' order by id")]
    assert len(items) > 1
    with closing(sqlite3.connect(terminal.database)) as connection, connection:
        connection.execute(
            "insert into closure (tenant, item, evidence, person, at) values ('main', ?, 'e', 'p2', '2026-11-02')",
            (items[0],),
        )
    terminal.imports(
        "id,name,function,roles,status\np2,First Last,,,inactive\np4,Other Person,SHP,function_lead,\n"
    )
    assert [row[0] for row in terminal.rows("select id from item where owner = 'p4' order by id")] == items[
        1:
    ]
    assert terminal.rows(shipping.format("p2")) == [("p2",)], "what was closed stays with who closed it"
    assert terminal.rows("select lead from company_function where code = 'SHP'") == [("p4",)]
    terminal.imports("id,name,function,roles\np3,Sacha Petit,SHP,function_lead\n")
    assert terminal.rows("select lead from company_function where code = 'SHP'") == [("p4",)], (
        "still the lead"
    )


def test_slack_ids_need_their_workspace(terminal: Terminal) -> None:
    """Would catch addresses that no message can ever reach."""
    done = terminal.imports(PEOPLE, SLACK_TEAM_ID="")
    assert done.exit_code == 1
    assert "SLACK_TEAM_ID" in done.output


def test_headcounts_can_be_said_when_not_everybody_is_imported(terminal: Terminal) -> None:
    """Would catch a coverage counted against the pilot group instead of the department."""
    assert terminal.imports(PEOPLE, "--headcount", "MKT=45").exit_code == 0
    assert terminal.rows("select headcount from company_function where code = 'MKT'") == [(45,)]
    assert terminal.imports(PEOPLE, "--headcount", "NOPE=1").exit_code == 1


def test_a_channel_is_registered_with_its_language(terminal: Terminal) -> None:
    """Would catch a weekly summary without a place to go."""
    words = (
        "people",
        "channel",
        "direction",
        "--platform",
        "teams",
        "--team",
        "dir",
        "--conversation",
        "19:x@thread.tacv2",
    )
    assert terminal.types(*words, "--lang", "en").exit_code == 0
    assert terminal.rows("select platform, conversation, locale from channel") == [
        ("teams", "19:x@thread.tacv2", "en")
    ]
    assert (
        terminal.types(
            "people", "channel", "a b", "--platform", "slack", "--team", "T", "--conversation", "C"
        ).exit_code
        == 1
    )


_COLUMNS = [
    "id",
    "name",
    "email",
    "function",
    "roles",
    "manager",
    "zone",
    "region",
    "week_hours",
    "slack_id",
    "locale",
]
_HEADINGS = st.lists(st.sampled_from(_COLUMNS), min_size=1, max_size=11, unique=True)
_KNOWN = [
    "",
    "A",
    "p1",
    "MKT",
    "fr",
    "a@example.org",
    "America/Toronto",
    "CA-QC",
    "37.5",
    "sponsor;",
    "U1",
    "../..",
    "CA-",
]
_CELLS = st.one_of(st.sampled_from(_KNOWN), st.text(max_size=30))
_ROWS = st.lists(st.lists(_CELLS, max_size=12), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(_HEADINGS, _ROWS, st.sampled_from(",;\t"), st.binary(max_size=20))
def test_whatever_the_file_holds_it_is_all_in_or_nothing(
    headings: list[str], rows: list[list[str]], delimiter: str, rubbish: bytes
) -> None:
    """Would catch the crash, and the half import, that a real export of some system brings about."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        text = "\n".join(delimiter.join(one) for one in (headings, *rows))
        file = Path(folder, "people.csv")
        file.write_bytes(text.encode("utf-8", "replace") + rubbish)
        done = terminal.types("people", "import", str(file), SLACK_TEAM_ID="T1")
        imported = terminal.rows("select count(*) from person") or [(0,)]
        projects = terminal.rows("select count(*) from project") or [(0,)]
        assert done.exit_code in {0, 1}
        assert (done.exit_code == 0) == (imported[0][0] > 0) == (projects[0][0] == 1), done.output  # type: ignore[operator]
        assert done.output.strip()
