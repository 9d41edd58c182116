"""What can go wrong with a customer's rights, holds, rules and reviews."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound


class PrivacyRefused(Forbidden):
    id = "privacy_refused"
    title = "Your role does not handle requests about customers' data"


class IdentityNeeded(Forbidden):
    id = "identity_needed"
    title = "Open this inside the wallet's app, where you are signed in"
    detail = "Data are only given to, or erased for, somebody who has proven who they are."


class WalletCompromised(Forbidden):
    id = "wallet_compromised"
    title = "Your wallet may be in other hands"
    detail = "Until this is settled, no data are given out or erased here. Write to us in the chat."


class RequestUnknown(NotFound):
    id = "privacy_request_unknown"
    title = "This request does not exist"


class RequestRunning(Conflict):
    id = "privacy_request_open"
    title = "A request of this kind is already on its way"


class RequestOver(Conflict):
    id = "privacy_request_over"
    title = "This request is finished and cannot be changed"


class ArchiveNotReady(NotFound):
    id = "archive_not_ready"
    title = "The archive is not ready, or has expired"


class ArchiveIsTheirs(Forbidden):
    id = "archive_is_theirs"
    title = "The customer asked for this archive, and only they can download it"
    detail = "If they cannot, make an export of your own and give its reason."


class OnHold(Conflict):
    id = "legal_hold"
    title = "These data must be kept for now, by law"
    detail = "A legal hold is in force; the erasure can begin when it is lifted."


class ConversationOpen(Conflict):
    id = "conversation_open"
    title = "A conversation of this customer is still open"
    detail = "The erasure begins when it is resolved."


class HoldUnknown(NotFound):
    id = "hold_unknown"
    title = "This legal hold does not exist, or has ended"


class KindUnknown(NotFound):
    id = "retention_kind_unknown"
    title = "There is no such kind of data"


class RetentionTooShort(BadInput):
    id = "retention_too_short"
    title = "This time is too short"
    detail = "The least is {days} days."


class ReviewUnknown(NotFound):
    id = "review_unknown"
    title = "This security review does not exist"


class ReviewSigned(Conflict):
    id = "review_signed"
    title = "This security review is already signed"
