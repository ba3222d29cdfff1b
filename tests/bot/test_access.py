"""Who sees what: nobody reads more than their roles allow, and nobody is offered a button that refuses."""

from pathlib import Path

from tests.world import World, company_on

QUOTE = "Le taux de retour n'est pas choisi."


async def blocked(world: World) -> None:
    """An item of finance is held up, with its owner's words."""
    await world.passes(minutes=1)
    finance = world.person("finance")
    await finance.looks()
    await finance.clicks("Bloqué")
    await finance.fills({"Ce qui débloquerait": "une décision", "En une phrase": QUOTE}, "Envoyer")


async def test_a_sponsor_sees_the_counts_without_lists_or_anybodys_words(tmp_path: Path) -> None:
    """Would have caught the sponsor reading what an owner wrote for the project lead."""
    async with company_on("web", tmp_path) as world:
        await blocked(world)
        sponsor = world.person("sponsor")
        await sponsor.commands("pret")
        shown = "\n".join(sponsor.screen())
        assert "La préparation, vue d'ensemble" in shown
        assert "[Bloqués" not in shown
        assert QUOTE not in shown
        lead = world.person("lead")
        await lead.commands("pret")
        await lead.clicks("Bloqués : 1")
        assert QUOTE in lead.newest()


async def test_the_head_of_a_department_sees_its_items_that_are_not_their_own(tmp_path: Path) -> None:
    async with company_on("web", tmp_path) as world:
        await blocked(world)
        finance = [one["id"] for one in await world.rows("item") if one["owner"] == "finance"]
        await world.change("item", {"id": finance[0]}, owner="lead")
        chat = world.person("finance")
        await chat.commands("pret")
        assert "Les autres points de votre service" in chat.newest(1)
        assert QUOTE not in chat.newest(1)


async def test_somebody_unknown_to_the_company_is_told_who_can_help_and_not_the_figures(
    tmp_path: Path,
) -> None:
    """Would have caught a guest of the workspace reading the company's figures."""
    async with company_on("web", tmp_path) as world:
        await world.change("person", {"id": "advisor"}, function=None)
        guest = world.person("advisor")
        await guest.commands("bilan")
        assert "Direction du projet" in guest.newest(1)
        assert "paraît" not in guest.newest(1)
        await guest.commands("aide")
        assert "Bilan" not in guest.newest(1)
