"""A plugin's rules, from its entry point through a running engine's catalogue to what a submission is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application import operator_caller
from beianhub_core.errors import BeianhubError

HOUSE = """
from beianhub_sdk import hookimpl

PACK = '''
pack: {{id: {name}, version: "1", as_of: "2027", title: 自有规则}}
rules:
- scope: {{province: {province}}}
  source: [house rules]
  as_of: "2027"
  values: {{suffix.allowed: [com]}}
'''

@hookimpl
def beianhub_register_rules(): return PACK
"""


async def test_a_plugins_rules_hold_while_it_is_enabled(world: Any, plugins: Any) -> None:
    """An order for a .cn is refused by the plugin's rule; once the plugin is disabled, the same order is filed. A
    plugin with a wrong pack is shown quarantined beside it, with the place in the pack.
    """
    plugins.add("house", HOUSE.format(name="house", province="北京"))
    plugins.add("mars", HOUSE.format(name="mars", province="火星"))
    trusted = ("tencent", "house", "mars")
    settings = replace(world.settings, plugins=replace(world.settings.plugins, trusted=trusted))
    async with world.engine(settings):
        shown = await world.app.admin.list_plugins(None, admin.ListPluginsRequest(page_size=50))
        by_name = {plugin.name: plugin for plugin in shown.plugins}
        assert "house rules" in by_name["plugins/house"].rule_pack
        assert "rules[0].scope.province" in by_name["plugins/mars"].reason
        order, _ = await world.draft("tencent")
        with pytest.raises(BeianhubError) as caught:
            await world.submit(order)
        assert [(each.code, each.source[0]) for each in caught.value.findings] == [("SUFFIX_NOT_LISTED", "house rules")]
        caller = operator_caller("acme", "tester")
        await world.app.admin.disable_plugin(caller, admin.DisablePluginRequest(name="plugins/house"))
        await world.until_state(await world.submit(order), res.ORDER_STATE_FILED)
