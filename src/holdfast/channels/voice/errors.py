"""What can go wrong between us and the phone engine."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, HoldfastError, NotFound, Unavailable, Unprocessable


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


class CallUnknown(NotFound):
    id = "call_unknown"
    title = "This call does not exist, or is over"


class NotInCall(Forbidden):
    id = "not_in_call"
    title = "You are not in this call"


class NotASupervisor(Forbidden):
    id = "not_a_supervisor"
    title = "Only leads may attend a call of somebody else"


class DeviceUnknown(NotFound):
    id = "device_unknown"
    title = "This phone is not yours, or is signed out"


class TooManyDevices(Conflict):
    id = "too_many_devices"
    title = "Too many of your windows have a phone"
    detail = "Close some of them."


class RecordingUnknown(NotFound):
    id = "recording_unknown"
    title = "This recording is not kept (any more)"


class LineUnknown(NotFound):
    id = "line_unknown"
    title = "This line does not exist"


class LineTaken(Conflict):
    id = "line_taken"
    title = "There is a line with this number already"


class MenuUnknown(NotFound):
    id = "menu_unknown"
    title = "This menu does not exist"


class MenuUnfit(Unprocessable):
    id = "menu_unfit"
    title = "Callers would go astray in this menu"
    detail = "Look at {node} again: {fault}."


class CallBackUnknown(NotFound):
    id = "call_back_unknown"
    title = "Nobody waits for this call-back (any more)"


class NoAddress(Unprocessable):
    id = "call_no_address"
    title = "We know no e-mail address of this customer"


class AddressNotAllowed(Conflict):
    id = "call_address_not_allowed"
    title = "A link cannot be sent to a new address in this conversation"
    detail = "It holds more than this call, and a number proves nobody. Ask for the code of the app first."


class AddressWrong(Unprocessable):
    id = "call_address_wrong"
    title = "This is not an e-mail address"


class NoApp(Unprocessable):
    id = "call_no_app"
    title = "This customer has no app with us"


class NoMail(Unavailable):
    id = "call_no_mail"
    title = "This installation sends no e-mail"


class LinkOver(NotFound):
    id = "call_link_over"
    title = "This link was used already, or is too old"


class NumberNotBlocked(NotFound):
    id = "number_not_blocked"
    title = "This number is not blocked"


class BoardRefused(Forbidden):
    id = "board_refused"
    title = "Only leads and administrators see the wall board"


class ZoneUnknown(BadInput):
    id = "zone_unknown"
    title = "This time zone does not exist"


class PeriodUnfit(BadInput):
    id = "period_unfit"
    title = "Figures are of one day to one year"
    detail = "The last day is before the first, or more than a year after it."
