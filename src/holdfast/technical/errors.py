"""What can go wrong with technical cases, their issues and known problems."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn


class NotTechnical(Forbidden):
    id = "not_technical"
    title = "Only leads and whoever is certified in technical work may do this"


class CaseUnknown(NotFound):
    id = "technical_case_unknown"
    title = "This technical case does not exist"


class CaseStateWrong(Conflict):
    id = "technical_case_state"
    title = "This cannot be done with the case as it is now"


class AlreadyHandedOver(Conflict):
    id = "already_handed_over"
    title = "This conversation is already linked to this case"


class TitleMissing(BadInput):
    id = "case_title_missing"
    title = "A new case needs a title"


class AnnouncementUnknown(NotFound):
    id = "announcement_unknown"
    title = "This message to customers does not exist"


class AnnouncementReleased(Conflict):
    id = "announcement_released"
    title = "This message was released already"


class LanguagesMissing(BadInput):
    id = "announcement_languages"
    title = "Write the message in English, or in every language of the linked customers"


class LanguageUnknown(BadInput):
    id = "language_unknown"
    title = "This language is not one of ours"


class NobodyLinked(Conflict):
    id = "nobody_linked"
    title = "No conversation is linked to this case"


class TrackerMissing(Conflict):
    id = "tracker_missing"
    title = "No tracker is set up"
    detail = "An administrator names the repository first."


class TrackerRefused(BadInput):
    id = "tracker_refused"
    title = "This tracker cannot be used"
    detail = "It needs an https address that is allowed, and a repository as owner/name."


class IssueLinked(Conflict):
    id = "issue_linked"
    title = "This case or this issue is already linked"


class IssueUnknown(NotFound):
    id = "issue_unknown"
    title = "This case has no issue"


class IssueRefused(BadInput):
    id = "issue_refused"
    title = "This is no issue of a repository"
    detail = "Write its number, or owner/name#number."


class SignatureWrong(NotSignedIn):
    id = "signature_wrong"
    title = "This webhook is not signed with our secret"


class ProblemUnknown(NotFound):
    id = "known_problem_unknown"
    title = "This known problem does not exist"


class ProblemRefused(BadInput):
    id = "known_problem_refused"
    title = "This known problem cannot be kept"
    detail = "It needs a title and a text in English, and must end after it begins."
