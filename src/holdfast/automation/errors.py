"""What can go wrong with rules, scheduled messages and follow-ups."""

from holdfast.core.errors import BadInput, Conflict, Forbidden, NotFound


class RuleUnknown(NotFound):
    id = "rule_unknown"
    title = "This rule does not exist"


class RuleRefused(BadInput):
    id = "rule_refused"
    title = "This rule cannot be kept"
    detail = "What cannot be kept is in: {part}"


class RuleChanged(Conflict):
    id = "rule_changed"
    title = "Somebody else has changed this rule"
    detail = "Look at the newest version, then change it again."


class TooManyRules(Conflict):
    id = "too_many_rules"
    title = "No more rules can be added"
    detail = "The most is {most}: remove one that nobody needs."


class TrialUnknown(NotFound):
    id = "trial_unknown"
    title = "This dry run does not exist"


class NotTried(Conflict):
    id = "rule_not_tried"
    title = "Let a dry run of this version end before you switch it on"


class TimeRefused(BadInput):
    id = "time_refused"
    title = "Choose a time between one minute and 90 days from now"


class FileNotClear(Conflict):
    id = "file_not_clear"
    title = "A file is still being looked at, or holds a secret"


class ScheduledUnknown(NotFound):
    id = "scheduled_unknown"
    title = "This scheduled message does not exist, or has been sent"


class ScheduledNotYours(Forbidden):
    id = "scheduled_not_yours"
    title = "Only who wrote a scheduled message may change it"


class TooManyScheduled(Conflict):
    id = "too_many_scheduled"
    title = "Too many messages are scheduled in this conversation"
