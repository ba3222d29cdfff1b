"""The demo company: Maison Boréale, an invented retailer of Québec, with its functions, places and people."""

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.text import Locale

NAME = "Maison Boréale"
ZONE = "America/Toronto"
REGION = "CA-QC"
CHANNEL = "direction"
PACK = "ecommerce"
"""The content that the company's weeks are lived with."""


@dataclass(frozen=True, slots=True)
class Said:
    """A label in the two languages of the page."""

    fr: str
    en: str

    def say(self, locale: Locale) -> str:
        """The label in the language of the reader."""
        return self.en if locale == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Team:
    """A function of the company. lead, job: what its head and its members are called. sites: keys of SITES."""

    code: str
    headcount: int
    lead: Said
    job: Said
    sites: tuple[str, ...] = ("hq",)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the people. They have no names but that of their work. roles: (role, function code or "")."""

    id: str
    job: Said
    number: int
    function: str | None
    site: str
    locale: Locale
    roles: tuple[tuple[str, str], ...] = ()

    def name(self, locale: Locale) -> str:
        """What the person is called, such as "Conseil en magasin 7"."""
        return f"{self.job.say(locale)} {self.number}" if self.number else self.job.say(locale)


CHANNEL_TITLE = Said("Direction", "Leadership")
SITES = {
    "hq": Said("Montréal, siège social", "Montréal, head office"),
    "dc": Said("Drummondville, entrepôt", "Drummondville, warehouse"),
    "plant": Said("Granby, atelier", "Granby, workshop"),
    "calls": Said("Gatineau, centre d'appels", "Gatineau, call centre"),
    "mtl": Said("Montréal, magasin", "Montréal, store"),
    "qc": Said("Québec, magasin", "Québec City, store"),
    "gat": Said("Gatineau, magasin", "Gatineau, store"),
    "she": Said("Sherbrooke, magasin", "Sherbrooke, store"),
    "tr": Said("Trois-Rivières, magasin", "Trois-Rivières, store"),
}
ENGLISH_EVERY = {"mtl": 3, "gat": 4, "calls": 3, "hq": 7}
"""In these places every third, fourth or seventh person works in English."""

TEAMS = (
    Team("MKT", 9, Said("Direction du marketing", "Head of marketing"), Said("Marketing", "Marketing")),
    Team(
        "SAL",
        11,
        Said("Direction des ventes", "Head of sales"),
        Said("Représentation des ventes", "Sales representative"),
    ),
    Team("PUR", 7, Said("Direction des achats", "Head of purchasing"), Said("Achats", "Buyer")),
    Team(
        "PRO",
        15,
        Said("Direction de la production", "Head of production"),
        Said("Production", "Production"),
        ("plant",),
    ),
    Team(
        "STK",
        11,
        Said("Direction des stocks", "Head of inventory"),
        Said("Inventaire", "Inventory clerk"),
        ("dc", "dc", "hq"),
    ),
    Team(
        "SHP",
        14,
        Said("Direction de l'expédition", "Head of shipping"),
        Said("Expédition", "Shipping clerk"),
        ("dc",),
    ),
    Team(
        "FIN", 6, Said("Responsable des finances", "Head of finance"), Said("Finances", "Financial analyst")
    ),
    Team(
        "ACC",
        6,
        Said("Direction de la comptabilité", "Head of accounting"),
        Said("Comptabilité", "Accountant"),
    ),
    Team(
        "LEG", 4, Said("Direction juridique", "Head of legal"), Said("Affaires juridiques", "Legal adviser")
    ),
    Team(
        "SYS",
        8,
        Said("Direction des technologies", "Head of information systems"),
        Said("Technologies", "Systems analyst"),
    ),
    Team(
        "CSV",
        15,
        Said("Direction du service à la clientèle", "Head of customer service"),
        Said("Service à la clientèle", "Customer service agent"),
        ("hq", "calls"),
    ),
    Team(
        "HRS",
        5,
        Said("Direction des ressources humaines", "Head of human resources"),
        Said("Ressources humaines", "HR adviser"),
    ),
    Team(
        "STO",
        56,
        Said("Direction des magasins", "Head of stores"),
        Said("Conseil en magasin", "Store adviser"),
        ("qc", "mtl", "gat", "she", "tr"),
    ),
)

ADVISER, SHIFT, AGENT = "sto-06", "shp-02", "csv-03"
FINANCE, BUYER, MARKETING = "fin-01", "pur-01", "mkt-01"
ECOMMERCE, CHANGE, SPONSOR, EXECUTIVE, PROJECT = "ecommerce", "change", "dg", "vp-ops", "projet"
PERSONAS = (ADVISER, SHIFT, AGENT, FINANCE, BUYER, MARKETING, ECOMMERCE, CHANGE, SPONSOR, EXECUTIVE)
"""Whose place a visitor may take, in the order shown."""
NEWCOMERS = (ADVISER, SHIFT, AGENT)
"""They came two days ago, so that their invitation still waits."""

_SINGULAR = {
    ADVISER: (Said("Conseil en magasin", "Store adviser"), "qc", "fr-CA"),
    SHIFT: (Said("Supervision de l'entrepôt", "Warehouse supervisor"), "dc", "fr-CA"),
    AGENT: (Said("Réponse à la clientèle", "Customer service agent"), "calls", "en"),
}
_LEADERSHIP = (
    Member(
        SPONSOR, Said("Direction générale", "General manager"), 0, None, "hq", "fr-CA", (("sponsor", ""),)
    ),
    Member(
        EXECUTIVE,
        Said("Vice-présidence, opérations", "VP Operations"),
        0,
        None,
        "hq",
        "en",
        (("executive", ""),),
    ),
    Member(
        ECOMMERCE,
        Said("Responsable du commerce en ligne", "Head of e-commerce"),
        0,
        None,
        "hq",
        "fr-CA",
        (("owner", ""),),
    ),
    Member(
        PROJECT, Said("Direction de projet", "Project lead"), 0, None, "hq", "fr-CA", (("project_lead", ""),)
    ),
    Member(
        CHANGE, Said("Gestion du changement", "Change lead"), 0, None, "hq", "fr-CA", (("change_lead", ""),)
    ),
)
_CHAMPIONS = {"sto-02", "sto-11", "csv-05", "shp-04", "mkt-03"}

ROLES = {
    "sponsor": Said("commanditaire", "sponsor"),
    "executive": Said("membre de la direction", "executive"),
    "owner": Said("responsable du canal en ligne", "owner of the online channel"),
    "project_lead": Said("direction de projet", "project lead"),
    "change_lead": Said("gestion du changement", "change lead"),
    "function_lead": Said("direction de service", "department head"),
    "champion": Said("ambassade", "champion"),
}


def lead_of(team: Team) -> str:
    """The id of the person who leads a function."""
    return f"{team.code.lower()}-01"


def members() -> Iterator[Member]:
    """Everybody, each function as large as its headcount, and the leadership that belongs to none."""
    yield from _LEADERSHIP
    for team in TEAMS:
        yield Member(
            lead_of(team), team.lead, 0, team.code, team.sites[0], "fr-CA", (("function_lead", team.code),)
        )
        for number in range(2, team.headcount + 1):
            yield _member(team, number)


def _member(team: Team, number: int) -> Member:
    member = f"{team.code.lower()}-{number:02}"
    roles = (("champion", team.code),) if member in _CHAMPIONS else ()
    if member in _SINGULAR:
        job, site, locale = _SINGULAR[member]
        return Member(member, job, 0, team.code, site, "en" if locale == "en" else "fr-CA", roles)
    site = team.sites[number % len(team.sites)]
    every = ENGLISH_EVERY.get(site)
    english = every is not None and number % every == 0
    return Member(member, team.job, number, team.code, site, "en" if english else "fr-CA", roles)
