"""What can go wrong with proof."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound


class RegisterRefused(Forbidden):
    id = "register_refused"
    title = "Only administrators change the register of official channels"


class ChannelUnreadable(BadInput):
    id = "channel_unreadable"
    title = "This is no address of the chosen kind"


class ChannelKnown(Conflict):
    id = "channel_known"
    title = "This address is in the register already"


class ChannelUnknown(NotFound):
    id = "channel_unknown"
    title = "This address is not in the register"


class PeriodWrong(BadInput):
    id = "period_wrong"
    title = "The end must be after the beginning"


class CodeIsSecret(BadInput):
    id = "code_is_secret"
    title = "This is a recovery phrase, a key or a password: never write it anywhere"
    detail = "Choose other words. If it is your real recovery phrase, move your money to a new wallet now."


class CodeUnfit(BadInput):
    id = "code_unfit"
    title = "Your code must have 4 to 40 characters, without links"


class ReportEmpty(BadInput):
    id = "report_empty"
    title = "Say which address, number or person pretended to be us"


class OursReported(Conflict):
    id = "ours_reported"
    title = "This address is one of ours: it is in the register"


class ImpostorsRefused(Forbidden):
    id = "impostors_refused"
    title = "Only leads, emergency agents and auditors see reports of impostors"


class ImpostorUnknown(NotFound):
    id = "impostor_unknown"
    title = "There is no such report"


class StepRefused(Conflict):
    id = "step_refused"
    title = "The report cannot go from its present state to this one"
