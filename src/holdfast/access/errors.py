"""What can go wrong with access."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound


class AuditRefused(Forbidden):
    id = "audit_refused"
    title = "Only auditors and administrators read the audit log"


class CustomerErased(Conflict):
    id = "customer_erased"
    title = "This customer's data was erased"


class AlarmsRefused(Forbidden):
    id = "alarms_refused"
    title = "Only auditors and leads read the alarms"


class FieldRefused(Forbidden):
    id = "field_refused"
    title = "This field is not yours to see"
    detail = "Personal fields open to the agent who has the open conversation. Take it first."


class PurposeMissing(BadInput):
    id = "purpose_missing"
    title = "Say why you need to see this"


class PurposeUnknown(BadInput):
    id = "purpose_unknown"
    title = "This purpose does not open this field"


class PurposesRefused(Forbidden):
    id = "purposes_refused"
    title = "Only administrators change the purposes"


class GrantUnknown(NotFound):
    id = "grant_unknown"
    title = "This permission does not exist, or has ended"


class AlarmUnknown(NotFound):
    id = "alarm_unknown"
    title = "This alarm does not exist, or was already looked at"


class SealMissing(Conflict):
    id = "seal_missing"
    title = "This is not sealed yet"
    detail = "Seals are made every few seconds. Try again in a moment."
