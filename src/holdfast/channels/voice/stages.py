"""Where a call stands. Each stage can be entered again, so that a call goes on after a restart."""

MENU, WAITING, CONNECTING, TALKING = "menu", "waiting", "connecting", "talking"
# We call.
CALLING = "calling"
SURVEY, MESSAGE, CALLBACK, OVER = "survey", "message", "callback", "over"
# Somebody of ours may be on the phone.
LIVE = (CALLING, WAITING, CONNECTING, TALKING)
