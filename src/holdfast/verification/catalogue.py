"""The purposes that every installation knows. An administrator changes them, and adds more, as rows of a table."""

from datetime import timedelta

from holdfast.verification.policy import LEVELS, Method, Rule


def least(level: int) -> frozenset[Method]:
    """Every method that reaches a level."""
    return frozenset(method for method, reached in LEVELS.items() if reached >= level)


# What the wallet's back end says when the conversation is opened. Nobody asks for it.
SIGNED_IN = Rule("signed_in", 2, "opening this conversation", frozenset({Method.APP}))
ENROL = "enrol_passkey"
# Who is calling: by the app's code on the keypad alone. A tap in the app would prove whoever calls with its owner's
# number. As long as the call, at most.
ON_THE_PHONE = Rule("on_the_phone", 2, "the call that you are in", frozenset({Method.KEYPAD}), holds=timedelta(hours=1))

# The statement stands in the text that a wallet signs: English, since EIP-4361 knows ASCII only.
PURPOSES: tuple[Rule, ...] = (
    Rule("general", 0, "a general question", frozenset(Method)),
    Rule("account_state", 1, "telling you the state of your account", least(1)),
    Rule("own_address", 2, "showing that this address is yours", frozenset({Method.WALLET})),
    Rule("contact_change", 2, "changing how we can reach you", least(2)),
    Rule("freeze", 2, "freezing your account", least(2)),
    Rule(ENROL, 2, "adding a passkey", frozenset({Method.APP}), holds=timedelta(minutes=10)),
    ON_THE_PHONE,
    Rule("account_control", 3, "taking back control of your account", least(3)),
)
