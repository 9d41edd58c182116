"""Whether one can call from inside the app; the call itself goes over /ws/phone."""

import msgspec
from litestar import get

from holdfast.channels.voice import settings as voice
from holdfast.channels.voice.engine.layout import access_of, layout_of
from holdfast.core.settings import Settings, SettingsError


class InAppCalls(msgspec.Struct, frozen=True):
    """``open``: there is an engine. It may be away for a moment; who calls is then told."""

    open: bool


@get("/api/widget/calls")
async def in_app_calls(settings: Settings) -> InAppCalls:
    """Nothing of anybody is in it."""
    try:
        phone = voice.load()
    except SettingsError:
        # They cost the phone, nothing else.
        return InAppCalls(open=False)
    return InAppCalls(phone.on and access_of(phone, layout_of(settings)) is not None)


HANDLERS = [in_app_calls]
