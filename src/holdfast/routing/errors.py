"""What can go wrong with offers."""

from holdfast.core.errors import Conflict, Forbidden


class OfferGone(Conflict):
    id = "offer_gone"
    title = "This offer is over"
    detail = "It was withdrawn, has rung out, or somebody else has the conversation."


class SkillMissing(Forbidden):
    id = "skill_missing"
    title = "Only those who are certified may have this conversation"
    detail = "It needs the skill {skill}."


class NotThere(Conflict):
    id = "agent_not_there"
    title = "This person is not there at the moment"
    detail = "Choose somebody who is online, or a queue."
