"""What can go wrong with access."""

from holdfast.core.errors import Forbidden


class AuditRefused(Forbidden):
    id = "audit_refused"
    title = "Only auditors and administrators read the audit log"
