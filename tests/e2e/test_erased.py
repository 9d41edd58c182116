"""A customer whose key was destroyed reads as erased, in words, wherever the desk shows them."""

import os
from pathlib import Path

from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, NARROW, Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.test_pages import serious, settled, sideways
from tests.support.server import Holdfast

# For whoever wants to look: a folder for pictures.
_PICTURES = os.environ.get("HOLDFAST_TEST_PICTURES")


async def test_an_erased_customer_is_said_to_be_erased(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin, user="lin")
    await talk(lin, ana, "My withdrawal is pending")
    ((owner,),) = holdfast.query("SELECT customer_id FROM conversation WHERE category = 'open'")
    # As an erasure leaves it: the key destroyed, the app's name for this person free again (the next test is lin too).
    holdfast.execute("UPDATE customer SET subject_index = NULL WHERE id = %s", [owner])
    holdfast.execute("UPDATE customer_key SET wrapped = '', destroyed_at = now() WHERE customer_id = %s", [owner])
    faults: list[str] = []
    for language, word in (("en", "Erased"), ("zh-Hans", "已删除")):
        if ana.language != language:
            await ana.page.set_viewport_size(DESKTOP)
            await ana.choose_language(language)
        await ana.page.reload()
        await ana.expect_inside()
        for scheme in ("light", "dark"):
            await ana.page.emulate_media(color_scheme=scheme)
            for size in (DESKTOP, NARROW):
                await ana.page.set_viewport_size(size)
                await expect(ana.page.get_by_text(word, exact=True).filter(visible=True).first).to_be_visible()
                await settled(ana.page)
                faults += await serious(ana.page)
                if extra := await sideways(ana.page):
                    faults.append(f"{language} {scheme}: {extra} px too wide at {size['width']}")
                if _PICTURES:
                    name = f"erased-{language}-{scheme}-{size['width']}.png"
                    await ana.page.screenshot(path=Path(_PICTURES) / name)
    assert not faults, "\n".join(sorted(set(faults)))
