"""The words of our prompts, by name. Sentences that end in a number are said before ``Prompts.number`` or ``digits``:
a number at the end fits every language without plural forms. The Japanese catalogue has them in kana, since that is
all that its voice can read."""

from collections.abc import Callable, Mapping

from holdfast.core.i18n import translate

TEXTS: Mapping[str, Callable[[str], str]] = {
    "welcome": lambda language: translate("Welcome to our help line.", language),
    # Each said in its own language, before the digit; the menu's first question.
    "language": lambda language: translate("For English, press", language),
    "press": lambda language: translate("Press", language),
    "safety": lambda language: translate("We never ask for your recovery phrase or your private key.", language),
    "emergency": lambda language: translate("If your money is in danger right now, press zero at any time.", language),
    "emergency-ringing": lambda language: translate(
        "We are calling the whole emergency team. Please stay on the line.", language
    ),
    "not-understood": lambda language: translate("We did not understand that. Please try again.", language),
    "please-wait": lambda language: translate("Please stay on the line. The next free person will answer.", language),
    "position": lambda language: translate("Your position in the queue:", language),
    "wait-minutes": lambda language: translate("Expected wait in minutes:", language),
    "promise-minutes": lambda language: translate("Longest wait that we promise, in minutes:", language),
    "callback-offer": lambda language: translate("To be called back and keep your place, press", language),
    "callback-noted": lambda language: translate("We will call you back. You keep your place in the queue.", language),
    "callback-here": lambda language: translate(
        "This is the call that you asked for. To be connected, press one.", language
    ),
    "message-offer": lambda language: translate("To leave a message, press", language),
    "leave-message": lambda language: translate(
        "Please leave a message after the tone. When you are done, press the hash key.", language
    ),
    "message-taken": lambda language: translate("Thank you. We have your message and will call you back.", language),
    "unattended": lambda language: translate(
        "We cannot answer your call at the moment. Please leave a message after the tone.", language
    ),
    "recorded": lambda language: translate("This call is recorded.", language),
    "captioned": lambda language: translate("What you say is written down by a computer during the call.", language),
    "recording-paused": lambda language: translate("The recording is paused.", language),
    "connecting": lambda language: translate("You are being connected.", language),
    "code-enter": lambda language: translate("Please enter the code that your app shows, then the hash key.", language),
    "code-wrong": lambda language: translate("That code is not right. Please try again.", language),
    "code-late": lambda language: translate("That code is no longer valid. Please enter the new one.", language),
    "code-used": lambda language: translate("That code was used before. Please enter a new one.", language),
    "code-many": lambda language: translate("Those were too many wrong codes. We go on without one.", language),
    "code-none": lambda language: translate("We go on without a code.", language),
    "code-found": lambda language: translate("Thank you. We have found your conversation in the app.", language),
    "code-right": lambda language: translate("Thank you. We know now that it is you.", language),
    "code-is": lambda language: translate("The code is:", language),
    "connection-lost": lambda language: translate(
        "The connection was lost. You are the next to be answered.", language
    ),
    "fault": lambda language: translate("Something went wrong on our side. We will call you back.", language),
    "survey": lambda language: translate(
        "How satisfied were you with this call? Press a number from one, not at all, to five, very much.", language
    ),
    "goodbye": lambda language: translate("Thank you for your call. Goodbye.", language),
}
