"""What can go wrong with rotas, contact methods and pages."""

from holdfast.core.errors import BadInput, Conflict, NotFound


class RotaUnknown(NotFound):
    id = "rota_unknown"
    title = "This rota does not exist"


class RotaNameTaken(Conflict):
    id = "rota_name_taken"
    title = "Another rota has this name"


class RotaInUse(Conflict):
    id = "rota_in_use"
    title = "A paging policy uses this rota"


class RotaRefused(BadInput):
    id = "rota_refused"
    title = "This rota cannot be kept"
    detail = "Each layer needs people who work here, a time zone, and turns of 1 to 90 days."


class OverrideRefused(BadInput):
    id = "override_refused"
    title = "This override cannot be kept"
    detail = "It must end after it begins, within a year, and lie ahead."


class OverrideUnknown(NotFound):
    id = "override_unknown"
    title = "This override does not exist"


class PolicyRefused(BadInput):
    id = "policy_refused"
    title = "This paging policy would leave pages without anybody"
    detail = "Each step needs somebody, and the last one a person, the leads, or a rota without gaps in two weeks."


class ContactRefused(BadInput):
    id = "contact_refused"
    title = "This address cannot be used for pages"


class ContactKindUnavailable(Conflict):
    id = "contact_kind_unavailable"
    title = "This way is not set up here"


class TooManyContacts(Conflict):
    id = "too_many_contacts"
    title = "No more contact methods can be added"


class ContactUnknown(NotFound):
    id = "contact_unknown"
    title = "This contact method does not exist"


class ContactCodeWrong(BadInput):
    id = "contact_code_wrong"
    title = "This code is wrong or too old"


class ProviderRefused(BadInput):
    id = "paging_provider_refused"
    title = "This provider's address cannot be used"


class PageUnknown(NotFound):
    id = "page_unknown"
    title = "This page does not exist"


class PageLinkEnded(NotFound):
    id = "page_link_ended"
    title = "This link is not valid any more"
