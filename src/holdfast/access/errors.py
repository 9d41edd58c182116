"""What can go wrong with access."""

from holdfast.core.errors import Conflict, Forbidden


class AuditRefused(Forbidden):
    id = "audit_refused"
    title = "Only auditors and administrators read the audit log"


class CustomerErased(Conflict):
    id = "customer_erased"
    title = "This customer's data was erased"
