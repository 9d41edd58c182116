"""Every table of the installation: whose data it holds, what an export shows of it, what an erasure does with it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select, true

from holdfast.conversations.models import Conversation
from holdfast.core.database import Base

Erasure = Literal["delete", "blank", "keep"]


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept of customers in one table.

    ``by`` are the columns that lead to the customer: ``id`` (the table of customers), ``customer_id`` or
    ``conversation_id``. ``blank`` maps columns to what stands there after an erasure; rows that ``only`` leaves out are
    kept as they are. ``hidden`` columns are in no export (keys, hashes, other people). ``why`` argues for what is kept.
    """

    table: str
    by: str
    erasure: Erasure
    why: str
    blank: tuple[tuple[str, object], ...] = ()
    only: tuple[str, tuple[str, ...]] | None = None
    hidden: frozenset[str] = frozenset()
    export: bool = True

    def of(self) -> Table:
        return Base.metadata.tables[self.table]

    def belongs(self, customer_id: UUID) -> ColumnElement[bool]:
        """The condition of this customer's rows."""
        table = self.of()
        if self.by == "conversation_id":
            return table.c.conversation_id.in_(select(Conversation.id).where(Conversation.customer_id == customer_id))
        if self.by == "id":
            # An anonymous visitor who turned out to be this customer left a row behind.
            return or_(table.c.id == customer_id, table.c.merged_into_id == customer_id)
        return table.c[self.by] == customer_id

    def erasable(self) -> ColumnElement[bool]:
        """The condition of the rows that an erasure deletes or blanks."""
        if self.only is None:
            return true()
        column, values = self.only
        return self.of().c[column].in_(values)


# In the order of the export; an erasure goes through it from the end, so that what points comes before what is
# pointed at.
CUSTOMERS = (
    Holding(
        "customer",
        "id",
        "blank",
        "an empty row with an id, which figures and the audit log point at",
        blank=(
            ("name", None),
            ("subject", None),
            ("subject_index", None),
            ("about", {}),
            ("proven", False),
            ("segment", ""),
            ("language", "en"),
        ),
        hidden=frozenset({"subject_index"}),
    ),
    Holding("contact_point", "customer_id", "delete", "", hidden=frozenset({"value_index"})),
    Holding(
        "conversation",
        "customer_id",
        "blank",
        "times, queue and topic are figures of the house; nothing in them is the customer's",
        blank=(("preview", ""), ("tags", [])),
        hidden=frozenset({"preferred_agent_id", "assignee_id"}),
    ),
    Holding("episode", "conversation_id", "keep", "times only", hidden=frozenset({"resolved_by_id"})),
    Holding(
        "message",
        "conversation_id",
        "delete",
        "system lines (opened, resolved) hold no words and stay for the figures",
        only=("kind", ("public", "note", "spoken")),
        hidden=frozenset({"source", "source_id"}),
    ),
    # Its key, outside the database, is destroyed when the row is gone.
    Holding("fragment", "conversation_id", "delete", "", hidden=frozenset({"sealed"}), export=False),
    Holding("exposure", "customer_id", "delete", ""),
    Holding("rating", "conversation_id", "blank", "the answer stays, the words go", blank=(("words", ""),)),
    Holding("attachment", "conversation_id", "delete", "", hidden=frozenset({"key", "file_key", "sealed"})),
    Holding("customer_key", "customer_id", "keep", "emptied when all else is gone: no other is made", export=False),
    Holding("conversation_token", "conversation_id", "delete", "", hidden=frozenset({"token_hash"})),
    Holding(
        "access_grant",
        "customer_id",
        "blank",
        "who was shown which kind of field, for what purpose: ids, for the audit log; the agent's words go",
        blank=(("words", None),),
        hidden=frozenset({"agent_id"}),
    ),
    Holding("personal_code", "customer_id", "delete", ""),
    Holding(
        "impostor_report",
        "conversation_id",
        "blank",
        "that an impostor was met, and when: evidence against the impostor; the words and pictures go",
        blank=(("words", ""), ("attachments", [])),
        hidden=frozenset({"agent_id", "case_id"}),
    ),
    Holding("customer_passkey", "customer_id", "delete", "", hidden=frozenset({"credential_id", "public_key"})),
    Holding("compromise_mark", "conversation_id", "delete", "", hidden=frozenset({"by_id"})),
    Holding("verification", "conversation_id", "delete", "", hidden=frozenset({"address_index", "asked_by_id"})),
    Holding("verification_challenge", "conversation_id", "delete", "", hidden=frozenset({"nonce", "code_hash"})),
    Holding("phone_code", "conversation_id", "delete", "", hidden=frozenset({"nonce", "code_hash"})),
    Holding("promise", "conversation_id", "keep", "what was promised and what became of it: times only"),
    Holding("promise_book", "conversation_id", "keep", "where the clocks stand: times only", export=False),
    Holding("automation_cursor", "conversation_id", "keep", "a number", export=False),
    Holding("automation_timer", "conversation_id", "keep", "which rule waits, and since when", export=False),
    Holding(
        "automation_firing",
        "conversation_id",
        "keep",
        "which rule did what and why: keys, numbers and the rule's own words",
        export=False,
    ),
    Holding("scheduled_message", "conversation_id", "delete", "", hidden=frozenset({"agent_id"})),
    Holding("follow_up", "conversation_id", "delete", "", hidden=frozenset({"agent_id"})),
    Holding("technical_link", "conversation_id", "delete", "", hidden=frozenset({"by_id"})),
    Holding("technical_delivery", "conversation_id", "delete", "", export=False),
    Holding("offer", "conversation_id", "keep", "who was asked, and why: about staff", export=False),
    Holding("assignment", "conversation_id", "keep", "who had it: about staff", export=False),
    # The raw letter's bytes go with its name, and what waits in the quarantine from the customer's addresses.
    Holding(
        "letter",
        "customer_id",
        "blank",
        "that a letter came, and when: without it the mail server's second copy would come in again",
        blank=(("raw", ""), ("raw_key", None), ("sealed", None), ("sender_index", None)),
        hidden=frozenset({"key", "sender_index", "sealed", "raw", "raw_key", "decided_by_id"}),
    ),
    Holding("address_asked", "customer_id", "delete", "", hidden=frozenset({"mailbox_id", "tries"})),
    Holding("customer_presence", "conversation_id", "delete", "", export=False),
    Holding("mail_thread", "customer_id", "delete", "", hidden=frozenset({"mailbox_id"})),
    Holding(
        "sent_letter",
        "conversation_id",
        "blank",
        "that an answer was sent, and when: figures of the house",
        blank=(("to_hash", None),),
        hidden=frozenset({"to_hash"}),
    ),
    Holding(
        "call",
        "conversation_id",
        "blank",
        "that somebody called, and how long they waited and talked: figures of the house; the number goes",
        blank=(("number", None), ("number_index", None), ("place", {})),
        hidden=frozenset({"number_index", "place", "application", "channel", "bridge", "agent_id"}),
    ),
    Holding("call_link", "conversation_id", "delete", "", hidden=frozenset({"link_hash", "by_id"})),
    Holding("call_back", "conversation_id", "delete", "", hidden=frozenset({"code"})),
    Holding(
        "recording",
        "conversation_id",
        "keep",
        "when and how long; the sound is an attachment, and goes with those",
        hidden=frozenset({"name", "channel"}),
    ),
    Holding("survey_answer", "conversation_id", "keep", "a figure without words", hidden=frozenset({"agent_id"})),
    Holding("webhook_cursor", "conversation_id", "keep", "a number", export=False),
    Holding("webhook_delivery", "conversation_id", "keep", "ids; what waits finds no words to send", export=False),
    Holding(
        "subject_request",
        "customer_id",
        "blank",
        "the proof that it was done stays; archives go",
        blank=(("parts", None),),
        hidden=frozenset({"parts"}),
    ),
    Holding("legal_hold", "customer_id", "keep", "why data had to stay", export=False),
)

# Tables without anything of a customer, and what they are about.
OTHERS = {
    "access_alarm": "staff: who looked more than usual",
    "access_canary": "nobody: made-up customers",
    "access_purpose": "the installation",
    "agent": "staff",
    "agent_language": "staff",
    "audit_checkpoint": "seals: numbers",
    "audit_entry": "ids only; it must verify for ever",
    "audit_leaf": "hashes",
    "audit_seal": "hashes",
    "audit_verification": "figures",
    "automation_rule": "the installation",
    "blocked_number": "numbers that the house does not answer, of nobody known; sealed, until their time is over",
    "call_command": "staff: what was done with a call",
    "call_event": "kinds and times; no number and no word",
    "call_leg": "staff: whose device rang",
    "automation_trial": "figures, and references of conversations",
    "console_socket": "processes",
    "contact_method": "staff: how they are paged",
    "device": "staff: what rings at them",
    "due": "deadlines: kinds and ids",
    "erasure": "the ledger's copy: ids only",
    "evidence": "staff",
    "external_identity": "staff",
    "impostor_case": "impostors",
    "impostor_step": "staff",
    "inbox": "the installation",
    "installation_key": "the installation",
    "key_work": "figures",
    "known_problem": "the installation: staff's words to every customer",
    "line": "the installation",
    "mailbox": "the installation",
    "menu": "the installation",
    "mailed_token": "staff",
    "official_channel": "the installation",
    "outgoing_mail": "sealed, deleted when it is sent",
    "outgoing_text": "sealed, deleted when it is sent, or after ten minutes",
    "page": "a kind, and the reference of a conversation",
    "page_delivery": "staff: who was told by what",
    "page_event": "staff: who was told and who had it",
    "paging_policy": "staff: who is told",
    "paging_provider": "the installation",
    "paging_warning": "the installation",
    "passkey": "staff",
    "presence": "staff",
    "process": "processes",
    "promise_calendar": "the installation",
    "promise_policy": "the installation",
    "push_key": "the installation",
    "queue": "the installation",
    "retention_rule": "the installation",
    "retention_run": "figures",
    "revocation": "staff",
    "rota": "staff: who is on call",
    "rota_override": "staff: who is on call",
    "rule": "the installation",
    "security_review": "figures and staff",
    "signing_key": "the installation",
    "sign_in_failure": "keyed index of an account, and a network; deleted after a day",
    "sign_in_session": "staff",
    "team": "staff",
    "team_member": "staff",
    "technical_action": "kinds and ids: what is to be done at the tracker",
    "technical_announcement": "staff's words to many customers; what was sent stands in each timeline",
    "technical_case": "staff's words about a cause",
    "technical_event": "staff: who did what with a case",
    "technical_issue": "an issue at the tracker",
    "technical_tracker": "the installation",
    "topic": "the installation",
    "voice_lease": "processes",
    "webhook_endpoint": "the installation",
    "verification_purpose": "the installation",
    "wrap_up": "staff: until when they write about what they gave away",
}
