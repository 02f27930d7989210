"""What servers do wrong where more can be said than in `errors`, with the words to say; it decides nothing.

WrongAddress                in errors.py
├── AddressUnusable         no server can be there, so none was asked
├── AddressUnfinished       a part of it is still to be replaced, so that it is a stranger's as it is
├── RedirectedToPage        it sends requests on to a page for people, a login most likely
└── RedirectedInCircles     it sends requests on to the address that is set already
KeyRejected                 in errors.py
└── KeyNeeded               there is none to be rejected
RequestRefused              in errors.py
├── RefusedWithoutReason    without a word
├── HeaderUnusable          one of the user's own headers cannot be sent
├── NumberUnusable          one of the user's own fields holds a number that JSON does not know
└── SchemaUnusable          the user's JSON schema is no JSON
ServerTrouble               in errors.py
└── TroubleInAnswer         told inside an answer that had begun well
TimedOut                    in errors.py
└── OnlySignsOfLife         the connection is kept open, but nothing comes
BrokenAnswer                in errors.py
├── AnswerTooLarge          no real answer is so large
├── AnswerDamaged           it cannot be unpacked
└── NoPicture               something else came instead of one
AnswerInterrupted           in errors.py
└── NothingArrived          it stopped before anything came that could be kept
"""

from __future__ import annotations

import math

from app.model.errors import (
    AnswerInterrupted,
    AppError,
    BrokenAnswer,
    KeyRejected,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    WrongAddress,
)
from app.model.text import QT_TRANSLATE_NOOP

WORTH_SAYING_S = 60.0
"""A shorter pause is over by the time anybody has read of it."""
_LONGEST_DAYS = 999


def pause_to_say(error: AppError) -> tuple[int, str]:
    """How long its server wants to be left alone, in "minutes", "hours" or "days"; (0, "") if that is nothing to say.

    A failure that trying again does not help has no such pause.
    """
    seconds = error.pause_s if error.retryable else None
    if seconds is None or seconds < WORTH_SAYING_S:
        return 0, ""
    if seconds < 90 * 60:
        return math.ceil(seconds / 60), "minutes"
    if seconds < 48 * 3600:
        return round(seconds / 3600), "hours"
    return min(round(seconds / 86400), _LONGEST_DAYS), "days"


def pause_sentence(error: AppError) -> str:
    """The same for a terminal, in English; "" if there is nothing to say."""
    count, unit = pause_to_say(error)
    length = unit if count > 1 else unit.removesuffix("s")
    return f"Try again in about {count} {length}, as the server asks." if count else ""


class AddressUnusable(WrongAddress):
    title = QT_TRANSLATE_NOOP("Errors", "This is not a server's address")
    explanation = QT_TRANSLATE_NOOP("Errors", "No server can be at {host}, so nothing was sent.")
    hint = QT_TRANSLATE_NOOP(
        "Errors", "Correct the base address in the provider's settings; it should look like https://api.example.com/v1."
    )


class AddressUnfinished(WrongAddress):
    title = QT_TRANSLATE_NOOP("Errors", "The address is still the template's")
    explanation = QT_TRANSLATE_NOOP("Errors", "Nothing was sent: a stranger may be at {host}.")
    hint = QT_TRANSLATE_NOOP(
        "Errors", "In the provider's settings, put the name of your own resource in place of “{name}”."
    )


class RedirectedToPage(WrongAddress):
    title = QT_TRANSLATE_NOOP("Errors", "A web page stands before the server")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "{host} sends requests on to {location}, which looks like a page for people; nothing was sent there."
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors",
        "The network may want you to sign in first, in a browser. Otherwise check the base address in the provider's"
        " settings.",
    )


class RedirectedInCircles(WrongAddress):
    title = QT_TRANSLATE_NOOP("Errors", "The server sends requests round in circles")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "{host} sends them on to {location}, which belongs to the base address that is set already."
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors", "The server, or a proxy before it, is set up wrongly; another base address does not help."
    )


class KeyNeeded(KeyRejected):
    title = QT_TRANSLATE_NOOP("Errors", "A key is needed")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} wants a key, and none is set for it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Enter one in the provider's settings.")


class RefusedWithoutReason(RequestRefused):
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} refused it with status {status} and gave no reason.")
    hint = QT_TRANSLATE_NOOP(
        "Errors", "Try again, without attachments or special settings if there are any, or with another model."
    )
    retryable = True


class HeaderUnusable(RequestRefused):
    title = QT_TRANSLATE_NOOP("Errors", "A header cannot be sent")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "The header “{header}” holds characters that no header can have, so nothing was sent."
    )
    hint = QT_TRANSLATE_NOOP("Errors", "Correct it in the provider's settings.")
    action = "providers"


class NumberUnusable(RequestRefused):
    title = QT_TRANSLATE_NOOP("Errors", "The request cannot be sent")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "One of the additional fields holds an infinite number or none at all, so nothing was sent."
    )
    hint = QT_TRANSLATE_NOOP("Errors", "Correct the additional fields of the conversation or of the provider.")


class SchemaUnusable(RequestRefused):
    title = QT_TRANSLATE_NOOP("Errors", "The JSON schema cannot be used")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "It is no JSON: line {line}, column {column} cannot be read. Nothing was sent."
    )
    hint = QT_TRANSLATE_NOOP("Errors", "Correct it in the settings of the conversation and send again.")


class TroubleInAnswer(ServerTrouble):
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} accepted the request and then reported an error of its own.")


class OnlySignsOfLife(TimedOut):
    explanation = QT_TRANSLATE_NOOP("Errors", "For {seconds} seconds {host} sent signs of life, but no answer.")


class AnswerTooLarge(BrokenAnswer):
    title = QT_TRANSLATE_NOOP("Errors", "The answer is too large")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "{host} sends more than any real answer holds ({most}); the rest was not read."
    )


class AnswerDamaged(BrokenAnswer):
    title = QT_TRANSLATE_NOOP("Errors", "The answer arrived damaged")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "What {host} sent cannot be unpacked. A proxy may have damaged it on its way."
    )


class NoPicture(BrokenAnswer):
    title = QT_TRANSLATE_NOOP("Errors", "No picture came")
    explanation = QT_TRANSLATE_NOOP("Errors", "What {host} sent as a picture is none that can be read.")


class NothingArrived(AnswerInterrupted):
    explanation = QT_TRANSLATE_NOOP("Errors", "The connection to {host} ended before anything of the answer had come.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again; if it stays, the server or a proxy before it is at fault.")
