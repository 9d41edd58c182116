"""What can go wrong with mailboxes and letters."""

from holdfast.core.errors import BadInput, Conflict, NotFound


class MailboxUnknown(NotFound):
    id = "mailbox_unknown"
    title = "This mailbox does not exist"


class MailboxTaken(Conflict):
    id = "mailbox_taken"
    title = "There is a mailbox with this address already"


class MailboxUnfit(BadInput):
    id = "mailbox_unfit"
    title = "A mailbox cannot work like this"
    detail = "Look at {field} again."


class LetterUnknown(NotFound):
    id = "letter_unknown"
    title = "This letter does not wait in the quarantine (any more)"


class LetterNotKept(NotFound):
    id = "letter_not_kept"
    title = "Nothing more of this letter is kept"
    detail = "Something was found in it, or its time is over."


class LetterUnanswerable(Conflict):
    id = "letter_unanswerable"
    title = "This letter has no sender who could be answered"
    detail = "It can be read here and discarded."


class AddressUnfit(BadInput):
    id = "address_unfit"
    title = "Answers cannot be sent to this address"
    detail = "Look at it again."


class MailImpossible(Conflict):
    id = "mail_impossible"
    title = "Answers cannot be sent by e-mail here"


class CodeWrong(BadInput):
    id = "address_code_wrong"
    title = "This is not the code of the letter"


class ConfirmationEnded(NotFound):
    id = "confirmation_ended"
    title = "This code or link does not count any more"
    detail = "Ask for a new one in the chat."
