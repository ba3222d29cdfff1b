import pytest

from tests.world import company_on


@pytest.mark.parametrize("platform", ["web", "slack", "teams"])
async def test_smoke(platform, tmp_path):
    async with company_on(platform, tmp_path) as world:
        me = world.person("advisor")
        await me.commands("impact")
        print(me.screen())
        await me.clicks("Oui")
        print(me.screen())
        await me.fills({"Votre choix": "Magasins"}, "Continuer")
        print(me.screen())
        await me.says("processus")
        print(me.screen())
        f = world.person("finance")
        t = await world.passes(hours=1)
        print(t.plan.messages)
        print(f.screen())
