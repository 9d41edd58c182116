"""What can go wrong when a right to answer is given or taken."""

from holdfast.core.errors import Conflict, Forbidden, NotFound


class MayNotCertify(Forbidden):
    id = "may_not_certify"
    title = "Only a lead or a trainer may do this"


class MayNotSeeRights(Forbidden):
    id = "may_not_see_rights"
    title = "You may see your own rights only"


class OwnAttestation(Forbidden):
    id = "own_attestation"
    title = "Nobody can attest their own skill"
    detail = "Ask another lead or trainer."


class SkillUnknown(NotFound):
    id = "skill_unknown"
    title = "No rule says what this skill needs"
    detail = "There is no skill named {skill}."


class RoleNeeded(Conflict):
    id = "role_needed"
    title = "This skill needs a role that the person does not hold"
    detail = "Give them the role {role} first."
