"""Why there is no update, each with what to do; part of the tree in errors.py.

AppError
└── UpdateFailed            nothing was changed
    ├── FeedUnreachable     no connection, or the server has a problem
    ├── FeedUnreadable      something answers that is no release feed
    ├── FeedRedirected      it sends on to another server
    ├── FeedNotGenuine      it is not signed with the right key
    ├── FeedExpired         it is too old to be believed
    ├── FeedReplayed        an older one is shown again
    ├── DownloadBrokenOff   what arrived is kept
    ├── DownloadWrong       what arrived is not what was released
    ├── PlaceNotWritable    the program may not be replaced where it is
    ├── NotInstalled        the installer did not do its work
    └── NoWayBack           the former version, or its data, is not there any more
"""

from __future__ import annotations

from app.model.errors import AppError
from app.model.text import QT_TRANSLATE_NOOP

_ON_THE_WEBSITE = QT_TRANSLATE_NOOP("Errors", "If it stays, look for the newest version on the website.")


class UpdateFailed(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "There was no update")
    hint = _ON_THE_WEBSITE


class FeedUnreachable(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "It could not be asked for updates")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} did not answer as it should.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the network and try again later; Triptych works as before.")
    retryable = True


class FeedUnreadable(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The answer about updates makes no sense")
    explanation = QT_TRANSLATE_NOOP("Errors", "What {host} sent is no list of releases. Nothing was changed.")
    hint = QT_TRANSLATE_NOOP("Errors", "A network that wants a log-in first may be the reason. Try again later.")
    retryable = True


class FeedRedirected(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "Updates are sent from somewhere else")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} sends on to {location}; nothing was asked for or taken there.")
    hint = QT_TRANSLATE_NOOP("Errors", "A network that wants a log-in first may be the reason. Try again later.")
    retryable = True


class FeedNotGenuine(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The update was refused: its signature is wrong")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "What {host} offers was not signed by those who make Triptych, or was changed on the way."
    )


class FeedExpired(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The list of releases is out of date")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "It was good until {date}. Somebody may be hiding newer versions, or this computer's clock is wrong."
    )
    hint = QT_TRANSLATE_NOOP("Errors", "Check date and time, then look for the newest version on the website.")


class FeedReplayed(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The update was refused: an old list of releases")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "{host} shows an older list than before, as somebody would who wants an old version installed."
    )


class DownloadBrokenOff(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The download of the update broke off")
    explanation = QT_TRANSLATE_NOOP("Errors", "The connection to {host} ended; what arrived is kept.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again; it goes on from there.")
    retryable = True


class DownloadWrong(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The update was refused: it is not what was released")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” from {host} has other contents than its makers signed.")
    hint = QT_TRANSLATE_NOOP("Errors", "It was deleted. Try again later, or get the newest version on the website.")
    retryable = True


class PlaceNotWritable(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "Triptych may not be replaced where it is")
    explanation = QT_TRANSLATE_NOOP("Errors", "{path} may not be written to. This version stays and works as before.")
    hint = QT_TRANSLATE_NOOP("Errors", "Move the program to a folder of your own and start it there.")


class NotInstalled(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The update was not installed")
    explanation = QT_TRANSLATE_NOOP("Errors", "This is version {present} still; nothing was lost.")


class NoWayBack(UpdateFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The former version is not there any more")
    explanation = QT_TRANSLATE_NOOP("Errors", "{name} is missing or was changed. Program and data are as they were.")
