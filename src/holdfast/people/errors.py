"""What can go wrong with people, sign-in and access."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn, TooMany, Unavailable


class SignInRefused(NotSignedIn):
    id = "sign_in_refused"
    title = "The e-mail address or the password is wrong"


class NoHalfWaySession(NotSignedIn):
    id = "sign_in_expired"
    title = "This sign-in took too long"
    detail = "Begin again with your password."


class CodeWrong(BadInput):
    id = "code_wrong"
    title = "This code is wrong, or was already used"
    detail = "Each code works once. Check that your phone's clock is right."


class PasskeyRefused(BadInput):
    id = "passkey_refused"
    title = "This passkey was not accepted"


class ProviderRefused(NotSignedIn):
    id = "provider_refused"
    title = "The sign-in at your organisation did not work"
    detail = "Begin again. If it happens twice, tell your administrator: {reason}."


class ProviderUnavailable(Unavailable):
    id = "provider_unavailable"
    title = "Your organisation's sign-in cannot be reached"
    detail = "Try again in a moment, or use another way to sign in."


class AccountMissing(Forbidden):
    id = "account_missing"
    title = "You have no account here"
    detail = "Ask an administrator to invite you."


class TooManyAttempts(TooMany):
    id = "too_many_attempts"
    title = "Too many attempts"
    detail = "Try again in {seconds} seconds."


class EnrolmentRequired(Forbidden):
    id = "enrolment_required"
    title = "Your role needs a second factor"
    detail = "Set up an authenticator app or a passkey first."


class StepUpRequired(Forbidden):
    id = "step_up_required"
    title = "Show once more that it is you"
    detail = "This needs your second factor, shown within the last {minutes} minutes."


class RoleMissing(Forbidden):
    id = "role_missing"
    title = "Your role does not allow this"


class PasswordWrong(BadInput):
    id = "password_wrong"
    title = "The password is wrong"


class WeakPassword(BadInput):
    id = "weak_password"
    title = "This password is too easy to guess"
    detail = "Use {least} to {most} characters, and not your e-mail address."


class TotpAlreadyOn(Conflict):
    id = "totp_already_on"
    title = "An authenticator app is already set up"
    detail = "Remove it first."


class TotpNotBegun(Conflict):
    id = "totp_not_begun"
    title = "There is no authenticator app to confirm"


class PasskeyKnown(Conflict):
    id = "passkey_known"
    title = "This passkey is already registered"


class PasskeyUnknown(NotFound):
    id = "passkey_unknown"
    title = "This passkey does not exist"


class SessionUnknown(NotFound):
    id = "session_unknown"
    title = "This session does not exist, or has ended"


class LinkDead(NotFound):
    id = "link_dead"
    title = "This link was already used, or has expired"


class InvitationUnknown(NotFound):
    id = "invitation_unknown"
    title = "This invitation does not exist, or was already accepted"


class AlreadyMember(Conflict):
    id = "already_member"
    title = "Somebody with this e-mail address is already here"


class MailUnavailable(Unavailable):
    id = "mail_unavailable"
    title = "This installation cannot send mail"
    detail = "Set HOLDFAST_SMTP_URL first."


class AgentUnknown(NotFound):
    id = "agent_unknown"
    title = "This person does not exist"


class LastAdministrator(Conflict):
    id = "last_administrator"
    title = "Somebody must remain administrator"


class NotYourself(Conflict):
    id = "not_yourself"
    title = "You cannot do this to your own account"


class OwnRoles(Conflict):
    id = "own_roles"
    title = "You cannot give yourself a role"
    detail = "Ask another administrator."


class TeamUnknown(NotFound):
    id = "team_unknown"
    title = "This team does not exist"


class TeamNameTaken(Conflict):
    id = "team_name_taken"
    title = "A team has this name already"


class CustomerUnknown(NotFound):
    id = "customer_unknown"
    title = "This customer does not exist, or you may not see them"


class FieldUnknown(NotFound):
    id = "field_unknown"
    title = "This field does not exist"
