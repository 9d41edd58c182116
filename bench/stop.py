"""What the look before sending costs a customer's browser: size, first use, time of a message.

python -m bench.stop
"""

import asyncio
import gzip
from pathlib import Path

from tests.e2e.browser import Watch, Windows, chromium
from tests.e2e.pages import Wallet
from tests.support.server import Holdfast, running

CHUNKS = Path(__file__).resolve().parents[1] / "web/widget/dist/chunks"
HASH = "0x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MESSAGES = {
    "an ordinary message": "I sent 0.5 ETH an hour ago to 0x52908400098527886E0F7030069857D2E4169EE7, it says pending.",
    "the same in Chinese": "我昨天转了一笔币，到现在还没有到账，请帮我看看是什么原因，交易号在下面。",
    "with a hash": f"my transaction hash is {HASH} thanks",
    "2,000 characters": "I opened the wallet this morning and the balance was gone, I do not know what happened. " * 23,
    "a phrase": "abandon " * 11 + "about",
    "a Solana key": "4wBqpZM9xaSheZzJSMawUKKwhdpChKbZ5eu5ky4Vigw" * 2,
}
_EACH = """([text, times]) => {
  const guard = document.querySelector('holdfast-help').model.guard
  const begun = performance.now()
  for (let turn = 0; turn < times; turn++) guard.stops({ draft: text, rows: () => [] })
  return (performance.now() - begun) / times
}"""
# A page that has not loaded it yet: from the wish to the engine that is ready.
_FIRST = "async (url) => { const begun = performance.now(); await import(url); return performance.now() - begun }"


async def measure(server: Holdfast) -> None:
    (chunk,) = CHUNKS.glob("guard-*.js")
    print(f"{chunk.name}: {len(gzip.compress(chunk.read_bytes(), 9))} B gzip, {chunk.stat().st_size} B")
    async with chromium() as browser:
        windows = Windows(browser, Watch({f"localhost:{server.port}", f"127.0.0.1:{server.port}"}))
        fresh = await windows.person()
        await fresh.goto(f"{server.origin}/demo/wallet")
        first = await fresh.evaluate(_FIRST, f"{server.origin}/widget/chunks/{chunk.name}")
        print(f"loaded and ready: {first:.0f} ms from this machine")
        wallet = Wallet(await windows.person(), server.origin)
        await wallet.visit()
        await wallet.begin_chat()
        await wallet.composer.focus()
        await wallet.until_guarded()
        for name, text in MESSAGES.items():
            once = await wallet.page.evaluate(_EACH, [text, 1])
            print(f"{name}: {await wallet.page.evaluate(_EACH, [text, 100]):.2f} ms, the first time {once:.1f} ms")
        await windows.close()


if __name__ == "__main__":
    with running(chats=4) as server:
        asyncio.run(measure(server))
