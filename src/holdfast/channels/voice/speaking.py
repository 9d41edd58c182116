"""What callers hear, as the engine plays it: words of ours made into sound once, then played from files."""

from collections.abc import Sequence

from holdfast.channels.voice.prompts.store import Prompts
from holdfast.channels.voice.waits import Digits, Number, Prompt, Said, Words
from holdfast.core.i18n import translate


class Speaker:
    """One per process."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    async def media(self, language: str, said: Sequence[Said]) -> list[str]:
        """Media for ``Ari.play``. Raises NoVoice when there is neither a recording nor a voice."""
        found: list[str] = []
        for one in said:
            match one:
                case Prompt(name):
                    found.append(await self._prompts.prompt(language, name))
                case Number(value):
                    found.append(await self._prompts.number(language, value))
                case Digits(digits):
                    found += await self._prompts.digits(language, digits)
                case Words(text):
                    found.append(await self._prompts.words(language, text))
        return found


def refusal(why: str, language: str) -> Words:
    """Why a call is not taken."""
    if why == "blocked":
        return Words(translate("We do not take calls from your number. You can still write to us.", language))
    return Words(
        translate("There were too many calls from your number in a short time. Please try again later.", language)
    )
