"""What can go wrong with a conversation."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn, TooLarge, TooMany


class ConversationNotFound(NotFound):
    id = "conversation_not_found"
    title = "This conversation does not exist, or you may not see it"


class InboxUnknown(NotFound):
    id = "inbox_unknown"
    title = "This help window is not connected to a hotline"
    detail = "No inbox has the key {key}."


class NotAssignedToYou(Forbidden):
    id = "not_assigned"
    title = "This conversation is not assigned to you"
    detail = "Take it first; a note can be written without."


class AlreadyAssigned(Conflict):
    id = "already_assigned"
    title = "Somebody else has this conversation"


class AlreadyResolved(Conflict):
    id = "already_resolved"
    title = "This conversation is resolved"


class NotResolved(Conflict):
    id = "not_resolved"
    title = "This conversation is not resolved"


class AlreadyRated(Conflict):
    id = "already_rated"
    title = "You have already rated this conversation"


class EmptyMessage(BadInput):
    id = "empty_message"
    title = "The message is empty"


class MessageTooLong(TooLarge):
    id = "too_long"
    title = "The message is too long"
    detail = "It has {length} characters; the most is {limit}."


class LinkRefused(Forbidden):
    id = "link_refused"
    title = "This link is not in the register of official channels"
    detail = "Take {link} out, or ask an administrator to add it."


class SecretRequested(Forbidden):
    id = "secret_requested"
    title = "Never ask a customer for a recovery phrase, a key, a password or a code"


class RemoteRequested(Forbidden):
    id = "remote_requested"
    title = "Never ask a customer for remote control of a device"


class PaymentRequested(Forbidden):
    id = "payment_requested"
    title = "Never ask a customer for a payment"


class TokenInvalid(NotSignedIn):
    id = "token_invalid"
    title = "This conversation cannot be opened with this key"


class TokenExpired(NotSignedIn):
    id = "token_expired"
    title = "The key to this conversation has expired"


class KeyUsed(Conflict):
    id = "key_used"
    title = "This message key was already used for something else"


class AttachmentUnknown(NotFound):
    id = "attachment_unknown"
    title = "This file does not exist, or belongs to another conversation"


class PictureNotYours(Forbidden):
    id = "picture_not_yours"
    title = "Only a lead or an emergency agent may open a picture that was not checked"


class NothingSealed(NotFound):
    id = "nothing_sealed"
    title = "This message holds nothing that can be shown any more"


class TooManyFiles(TooMany):
    id = "too_many_files"
    title = "Too many files are waiting to be sent"
    detail = "The most is {limit}: send these first, then add more."


class FileMissing(BadInput):
    id = "file_missing"
    title = "The request holds no file"


class NothingChosen(BadInput):
    id = "nothing_chosen"
    title = "Choose a queue or a person to transfer to"
