"""Why a model could not be fetched or prepared, each with what to do; part of the tree in errors.py.

AppError
└── DownloadFailed          the places that have it failed for different reasons
    ├── SourceUnreachable   no connection: no network, no such name, nobody there
    ├── SourceNotTrusted    its certificate is not trusted
    ├── ProxyInTheWay       the proxy refuses, or its address makes no sense
    ├── SourceRefused       it answers with an error
    ├── FileMissing         it has no such file
    ├── WrongFile           it sent something else
    ├── BrokenOff           the connection ended; what arrived is kept
    └── IndexAddressWrong   what the user named as the package index is no address
DiskFull                    in errors.py
└── NoSpaceForModel         known before anything is fetched
EngineFailed                in errors.py
└── ConversionFailed        what was fetched could not be made into what the engine reads
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from app.model.errors import AppError, DiskFull, EngineFailed
from app.model.text import QT_TRANSLATE_NOOP


class DownloadFailed(AppError):
    """`reason` is the failure of one place in a few words, to be said beside that of another."""

    title = QT_TRANSLATE_NOOP("Errors", "The model could not be downloaded")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} {reason}, and {other_host} {other_reason}.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the network and try again. A provider works without a model.")
    retryable = True
    action = "providers"
    family = "model download"
    shows_words = False
    reason: ClassVar[str] = ""


class SourceUnreachable(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP("Errors", "There is no connection to {host}.")
    hint = QT_TRANSLATE_NOOP(
        "Errors", "Check the network, and the proxy if there is one, and try again. A provider works without a model."
    )
    reason = QT_TRANSLATE_NOOP("Errors", "cannot be reached")


class SourceNotTrusted(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "The certificate of {host} is not trusted on this computer, so nothing was asked for or taken there."
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors",
        "Check date and time. A network that wants a log-in first, or reads along, may be the reason as well.",
    )
    reason = QT_TRANSLATE_NOOP("Errors", "has a certificate that is not trusted")


class ProxyInTheWay(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "The proxy that this computer uses does not let anything through to {host}, or its address is wrong."
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors", "Check the proxy in the system's settings, or in the environment variables HTTPS_PROXY and ALL_PROXY."
    )
    reason = QT_TRANSLATE_NOOP("Errors", "is behind a proxy that lets nothing through")


class SourceRefused(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} answers with an error instead of the model.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again later. A provider works without a model.")
    reason = QT_TRANSLATE_NOOP("Errors", "answers with an error")


class FileMissing(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} does not have it.")
    hint = QT_TRANSLATE_NOOP(
        "Errors", "It may have moved, so look for a newer version of Triptych. A provider works without a model."
    )
    reason = QT_TRANSLATE_NOOP("Errors", "does not have it")


class WrongFile(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP("Errors", "What {host} sent is something else; it was not kept.")
    hint = QT_TRANSLATE_NOOP("Errors", "A network that wants a log-in first may be the reason. Try again later.")
    reason = QT_TRANSLATE_NOOP("Errors", "sent something else")


class BrokenOff(DownloadFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The download of the model broke off")
    explanation = QT_TRANSLATE_NOOP("Errors", "The connection to {host} ended; what arrived is kept.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again; it goes on from there.")


class IndexAddressWrong(DownloadFailed):
    explanation = QT_TRANSLATE_NOOP("Errors", "“{host}” is set as the index of Python packages, but is no web address.")
    hint = QT_TRANSLATE_NOOP(
        "Errors",
        "Correct the environment variable UV_DEFAULT_INDEX, UV_INDEX_URL or PIP_INDEX_URL and start Triptych again.",
    )


_ALONE_TELL_WHAT_TO_DO = (BrokenOff, IndexAddressWrong)


def together(failures: Sequence[DownloadFailed]) -> DownloadFailed:
    """One error for what the places of a file, at least one, failed by; the technical words of all are kept."""
    words = "\n".join(failure.server_words for failure in failures)
    kinds: list[type[DownloadFailed]] = list(dict.fromkeys(map(type, failures)))
    kind = next((kind for kind in _ALONE_TELL_WHAT_TO_DO if kind in kinds), kinds[0])
    if kind in _ALONE_TELL_WHAT_TO_DO or len(kinds) == 1:
        hosts = dict.fromkeys(failure.arguments["host"] for failure in failures if type(failure) is kind)
        return kind(words, host=", ".join(hosts))
    one, other = failures[0], next(failure for failure in failures if type(failure) is kinds[1])
    return DownloadFailed(
        words,
        host=one.arguments["host"],
        reason=one.reason,
        other_host=other.arguments["host"],
        other_reason=other.reason,
    )


class NoSpaceForModel(DiskFull):
    explanation = QT_TRANSLATE_NOOP("Errors", "The download needs {size} of free space in {path}, and there is less.")


class ConversionFailed(EngineFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The model could not be prepared for the engine")
    explanation = QT_TRANSLATE_NOOP("Errors", "It was downloaded, but could not be brought into the engine's form.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again. If it stays, choose another model or connect a provider.")
    action = "providers"
