"""What can go wrong when proof is asked for or given. A proof that is refused is no error but an outcome."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound, TooMany, Unprocessable


class PurposeUnknown(NotFound):
    id = "verification_purpose_unknown"
    title = "This purpose does not exist"


class PurposeInvalid(Unprocessable):
    id = "verification_purpose_invalid"
    title = "This purpose cannot be kept"
    detail = "{why}"


class NothingToProve(Unprocessable):
    id = "nothing_to_prove"
    title = "This purpose needs no proof"


class LevelTooHigh(Unprocessable):
    id = "level_too_high"
    title = "More than this purpose needs may not be asked"
    detail = "It needs level {needed}."


class VerificationUnknown(NotFound):
    id = "verification_unknown"
    title = "This proof was not asked for here"


class VerificationOver(Conflict):
    id = "verification_over"
    title = "This proof is no longer asked for"


class ChallengeUsed(Conflict):
    id = "challenge_used"
    title = "This was answered already, and counts once only"


class MethodNotOffered(Unprocessable):
    id = "method_not_offered"
    title = "This way is not open for this purpose"


class AddressInvalid(BadInput):
    id = "address_invalid"
    title = "This is not an address that we can check"


class TooManyChallenges(TooMany):
    id = "too_many_challenges"
    title = "Too many tries in a short time"
    detail = "Try again in an hour, or ask the agent."


class PasskeyNotAllowed(Forbidden):
    id = "customer_passkey_refused"
    title = "A passkey can only be added after you have shown through the app who you are"


class PurposesForAdministrators(Forbidden):
    id = "purposes_for_administrators"
    title = "Purposes are changed by administrators"


class LiftForLeads(Forbidden):
    id = "compromise_lift_refused"
    title = "Only leads say that a wallet is safe again"
