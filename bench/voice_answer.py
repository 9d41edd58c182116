"""How soon an agent in a real browser and the caller hear each other: from the click until the agent's own voice has
come back from the caller, whose phone sends back what it hears."""

import tempfile
from contextlib import AbstractAsyncContextManager

from tests.e2e.browser import Watch, Windows, chromium
from tests.e2e.test_phone import ann
from tests.support.server import Holdfast

from holdfast.channels.voice.prompts.sound import tone, wav

_RATE = 48_000
# Resolves with the seconds from the click to the first sound from the other side. Sound counts from 5 % of a tone's
# energy; silence, and the noise of a codec, have none.
_LISTEN = """() => {
  window.heard = new Promise((done) => {
    addEventListener('click', () => {
      const begun = performance.now()
      const open = new Set(window.connections.filter((one) => one.connectionState !== 'closed'))
      const look = async () => {
        for (const one of window.connections) {
          if (open.has(one) && one.heard) continue
          const reports = one.connectionState === 'closed' ? [] : [...(await one.getStats()).values()]
          const sound = reports.find((each) => each.type === 'inbound-rtp')
          if (sound && sound.totalAudioEnergy > 0.0005) {
            one.heard = true
            return done((performance.now() - begun) / 1000)
          }
        }
        setTimeout(look, 10)
      }
      look()
    }, { capture: true, once: true })
  })
}"""


async def measure(server: Holdfast, turns: int, queue: AbstractAsyncContextManager[None]) -> list[float]:
    """Seconds of each answer, while ``queue`` waits."""
    found: list[float] = []
    with tempfile.NamedTemporaryFile(suffix=".wav") as voice:
        voice.write(wav(tone(440, 10.0, _RATE), _RATE))
        voice.flush()
        sound = (
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={voice.name}",
        )
        async with chromium(*sound) as browser:
            windows = Windows(browser, Watch({f"localhost:{server.port}", f"127.0.0.1:{server.port}"}))
            phone = await ann(windows, server, online=False)
            await phone.turn_on()
            async with queue:
                await phone.console.go_online()
                for _ in range(turns):
                    await phone.rings()
                    await phone.page.evaluate(_LISTEN)
                    await phone.button("phone.answer").click()
                    found.append(float(await phone.page.evaluate("() => window.heard")))
                    await phone.in_talk()
                    await phone.button("phone.end").click()
                    await phone.button("phone.wrapUpOver").click()
                    # Whoever has something in writing is offered no call.
                    server.execute("UPDATE conversation SET category = 'resolved' WHERE assignee_id IS NOT NULL")
            await windows.close()
    return found
