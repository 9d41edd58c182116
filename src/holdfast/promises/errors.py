"""What can go wrong with promises."""

from holdfast.core.errors import BadInput


class CalendarUnknown(BadInput):
    id = "calendar_unknown"
    title = "There are no opening hours of this name"


class CalendarRefused(BadInput):
    id = "calendar_refused"
    title = "These opening hours cannot be counted by"
    detail = "{reason}"
