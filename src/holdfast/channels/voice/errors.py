"""What can go wrong between us and the phone engine."""

from holdfast.core.errors import Conflict, HoldfastError, NotFound, Unavailable


class EngineUnreachable(Unavailable):
    """No connection, or it was lost before the answer came: whether the request was carried out is not known."""

    id = "voice_engine_unreachable"
    title = "The phone system cannot be reached at the moment"


class CallGone(NotFound):
    """404: the channel, bridge, playback or recording has ended meanwhile, which happens at any moment of a call."""

    id = "voice_call_gone"
    title = "This call has ended meanwhile"


class CallNotReady(Conflict):
    """409, 412, 422: it exists, but not in a state (or not in an application of ours) in which this can be done."""

    id = "voice_call_not_ready"
    title = "This cannot be done with the call at the moment"


class EngineRefused(HoldfastError):
    """Any other refusal. ``answer`` says what was asked and what the engine said."""

    id = "voice_engine_refused"
    status = 502
    title = "The phone system refused a request"
    detail = "{answer}"


class NobodyRegistered(Unavailable):
    """A call to a device that is not signed in: the engine answers 500 and no event follows."""

    id = "voice_nobody_registered"
    title = "No phone is signed in there"
