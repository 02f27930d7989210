"""Every failure the user may meet, as one small tree with the words to say; it decides nothing.

AppError
├── ConnectionFailed        the server cannot be reached
│   ├── TimedOut            it did not answer in time
│   ├── CertificateRejected its certificate is not trusted
│   └── ProxyFailed         the proxy refused or cannot be reached
├── WrongAddress            something answers there, but not this API (HTML page, another protocol)
│   ├── Redirected          it sends every request to another address
│   └── RouteMissing        404, 405, 501: it does not have what was asked for
├── KeyRejected             401
│   └── KeyUnusable         the key holds characters that cannot be sent
├── PermissionDenied        403, country, organisation not verified
├── ModelNotFound           the server does not know the model or does not let this key use it
├── NoModelChosen           there is none to ask yet
├── AccountLimit            billing: never retried
├── RateLimited             too fast: retried with the server's delay
├── RequestRefused          400, 422: the server does not accept something in the request
│   ├── ContextTooLong      the conversation does not fit the model
│   └── UnsupportedContent  the model cannot read this kind of content (a picture, say)
├── TooLarge                413
├── ContentRefused          a safety system refused
├── ServerTrouble           5xx
│   └── ModelLoading        it is still loading the model; tried again for minutes
├── BrokenAnswer            the answer makes no sense
│   └── AnswerInterrupted   it stopped in the middle; what arrived is kept
├── EngineFailed            the built-in engine
│   ├── EngineUnavailable   cannot run on this machine
│   ├── ModelMissing        its model has to be downloaded first
│   └── more                in `engine_errors`: it hangs, the model's file or the memory does not suffice
├── DownloadFailed          in `model_errors`: a model could not be fetched
├── StorageFailed           disk
│   ├── DiskFull
│   ├── DataTooNew          written by a newer Triptych
│   ├── DataDamaged
│   └── SessionNotKept      nothing can be written, so all is in memory
├── KeyStoreFailed          the system's key store is locked, gone or silent
├── DeviceFailed            microphone or loudspeaker
│   ├── NoMicrophone
│   ├── MicrophoneRefused
│   ├── NoLoudspeaker
│   └── SoundSystemMissing  PortAudio is not installed
└── UnreadableFile          a dropped or chosen file cannot be used
    ├── PictureTooLarge     more pixels than any camera makes
    ├── SoundUnreadable     neither sound nor video that can be decoded
    └── NoSound             a video without a sound track, or a file without a single sample

Known failures only: anything else is a bug and goes to the crash box. Cancellation is never an error.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar

from app.model.text import QT_TRANSLATE_NOOP


class AppError(Exception):
    """A failure with words for the user.

    `title`, `explanation` and `hint` are English sources under the translation context "Errors"; they may hold
    `{name}` fields that are filled from `arguments` after translation. `server_words` are shown as they came,
    already free of keys and of HTML. `action` and `other_action` name what buttons may offer.
    """

    title: ClassVar[str] = QT_TRANSLATE_NOOP("Errors", "That did not work")
    explanation: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    retryable: ClassVar[bool] = False
    action: ClassVar[str] = ""
    """"" or one of "providers" (open the providers page), "models" (open the models page), "folder"."""
    other_action: ClassVar[str] = ""
    """"" or "picker" (choose another model)."""
    family: ClassVar[str] = ""
    """Of failures of one family only the newest tells how things are."""
    shows_words: ClassVar[bool] = True
    """Whether the server's words are for people too; else only details that are copied, and the log, have them."""

    def __init__(
        self,
        server_words: str = "",
        *,
        status: int | None = None,
        request_id: str = "",
        parameter: str = "",
        code: str = "",
        **arguments: str,
    ) -> None:
        super().__init__(server_words or self.title)
        self.server_words = server_words
        self.status = status
        self.request_id = request_id
        self.parameter = parameter
        self.code = code
        self.arguments = arguments if status is None else {**arguments, "status": str(status)}
        self.removable = ""
        """The field of the request that this server does not know, if the request makes sense without it as well."""
        self.pause_s: float | None = None
        """Seconds that the server wants to be left alone."""


class ConnectionFailed(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The server cannot be reached")
    explanation = QT_TRANSLATE_NOOP("Errors", "No connection to {host} could be made.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the network, and whether the address is right and the server runs.")
    retryable = True
    action = "providers"


class TimedOut(ConnectionFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The server did not answer in time")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} sent nothing for {seconds} seconds.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again; a longer waiting time can be set in the provider's settings.")


class CertificateRejected(ConnectionFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The server's certificate is not trusted")
    explanation = QT_TRANSLATE_NOOP("Errors", "The connection to {host} could not be secured, so nothing was sent.")
    hint = QT_TRANSLATE_NOOP(
        "Errors",
        "In a company network, add its certificate file in the provider's settings. Otherwise check the address.",
    )
    retryable = False


class ProxyFailed(ConnectionFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The proxy does not let the request through")
    explanation = QT_TRANSLATE_NOOP("Errors", "The request to {host} goes through a proxy that refused it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the proxy's address and password in the provider's settings.")


class WrongAddress(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "This address does not speak the expected protocol")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} answered, but not as an OpenAI-compatible server does.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the base address in the provider's settings; it usually ends in /v1.")
    action = "providers"


class Redirected(WrongAddress):
    title = QT_TRANSLATE_NOOP("Errors", "The server has moved to another address")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} sends requests on to {location}; nothing was sent there.")
    hint = QT_TRANSLATE_NOOP(
        "Errors", "If you trust it, set the base address in the provider's settings to {suggestion}."
    )


class RouteMissing(WrongAddress):
    title = QT_TRANSLATE_NOOP("Errors", "The server does not offer this")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} does not know {path}.")
    hint = QT_TRANSLATE_NOOP(
        "Errors",
        "Choose another provider for this. If nothing works with this one, check its base address.",
    )


class KeyRejected(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The key was not accepted")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} does not accept the key that is set for it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Enter the key again in the provider's settings.")
    action = "providers"


class KeyUnusable(KeyRejected):
    title = QT_TRANSLATE_NOOP("Errors", "The key cannot be sent")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "The key for {host} holds a character that no key has (number {position}), so nothing was sent."
    )
    hint = QT_TRANSLATE_NOOP("Errors", "Copy the key again, without quotes or line breaks, in the provider's settings.")


class PermissionDenied(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The server does not permit this")
    explanation = QT_TRANSLATE_NOOP("Errors", "The key is valid, but it may not be used for this.")
    hint = QT_TRANSLATE_NOOP("Errors", "The account may need to be verified, or the model released for it.")
    action = "providers"


class ModelNotFound(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The model is not available")
    explanation = QT_TRANSLATE_NOOP("Errors", "The server does not know “{model}”, or this key may not use it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose another model at the top right.")


class NoModelChosen(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "No model is chosen yet")
    explanation = QT_TRANSLATE_NOOP("Errors", "There is no model for this.")
    hint = QT_TRANSLATE_NOOP("Errors", "What you wrote is kept. Choose a model, download one, or connect a provider.")
    action = "models"


class AccountLimit(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The account's limit is reached")
    explanation = QT_TRANSLATE_NOOP("Errors", "The provider stops requests until the account has credit again.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check credit and limits on the provider's website; trying again does not help.")


class RateLimited(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "Too many requests at the moment")
    explanation = QT_TRANSLATE_NOOP("Errors", "The server asks for a pause.")
    hint = QT_TRANSLATE_NOOP("Errors", "Wait a moment and try again.")
    retryable = True


class RequestRefused(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The server refused the request")
    explanation = QT_TRANSLATE_NOOP("Errors", "Something in the request is not accepted by this server or model.")
    hint = QT_TRANSLATE_NOOP("Errors", "The server's words below say what; change that setting and send again.")


class ContextTooLong(RequestRefused):
    title = QT_TRANSLATE_NOOP("Errors", "The conversation is too long for this model")
    explanation = QT_TRANSLATE_NOOP("Errors", "All messages together do not fit the model's memory.")
    hint = QT_TRANSLATE_NOOP("Errors", "Start a new conversation, shorten the message or choose a larger model.")


class UnsupportedContent(RequestRefused):
    title = QT_TRANSLATE_NOOP("Errors", "This model cannot read pictures")
    explanation = QT_TRANSLATE_NOOP("Errors", "The message holds a picture, and the chosen model reads text only.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose a model that can see, or connect a provider that has one.")
    action = "providers"
    other_action = "picker"


class TooLarge(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The request is too large for the server")
    explanation = QT_TRANSLATE_NOOP("Errors", "The server limits the size of what may be sent at once.")
    hint = QT_TRANSLATE_NOOP("Errors", "Send fewer or smaller files.")


class ContentRefused(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The provider refused this content")
    explanation = QT_TRANSLATE_NOOP("Errors", "A safety system of the provider stopped the request.")
    hint = QT_TRANSLATE_NOOP("Errors", "Rephrase the request.")


class ServerTrouble(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The server has a problem")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} answered with an error of its own (status {status}).")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again in a moment.")
    retryable = True


class ModelLoading(ServerTrouble):
    title = QT_TRANSLATE_NOOP("Errors", "The server is still loading the model")
    explanation = QT_TRANSLATE_NOOP("Errors", "{host} is running, but its model is not ready yet.")


class BrokenAnswer(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The answer could not be understood")
    explanation = QT_TRANSLATE_NOOP("Errors", "What {host} sent is not a valid answer.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again; if it stays, the server or a proxy before it is at fault.")
    retryable = True


class AnswerInterrupted(BrokenAnswer):
    title = QT_TRANSLATE_NOOP("Errors", "The answer broke off")
    explanation = QT_TRANSLATE_NOOP("Errors", "The connection ended in the middle; what arrived is kept.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again; where there is a Continue, it goes on from there.")


class EngineFailed(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The built-in engine stopped")
    explanation = QT_TRANSLATE_NOOP("Errors", "The engine ended unexpectedly; it is started again on the next request.")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again. If it happens again, choose a smaller model or another provider.")
    retryable = True


class EngineUnavailable(EngineFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The built-in engine cannot run on this computer")
    explanation = QT_TRANSLATE_NOOP("Errors", "It needs a 64-bit Intel or AMD processor with AVX2, or a Mac.")
    hint = QT_TRANSLATE_NOOP("Errors", "Connect a provider; everything else works.")
    retryable = False
    action = "providers"


class EngineOff(EngineUnavailable):
    title = QT_TRANSLATE_NOOP("Errors", "The built-in engine is switched off in safe mode")
    explanation = ""
    hint = QT_TRANSLATE_NOOP("Errors", "Restart Triptych normally, or choose a model of a provider.")
    action = "picker"


class ModelMissing(EngineFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The model is not on this computer yet")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{model}” has to be downloaded before the built-in engine can use it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Download it on the Models page, or connect a provider.")
    retryable = False
    action = "models"


class StorageFailed(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The data could not be saved or read")
    explanation = QT_TRANSLATE_NOOP("Errors", "Reading or writing {path} failed.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check that the folder exists and may be written to.")
    retryable = True
    action = "folder"


class DiskFull(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The disk is full")
    explanation = QT_TRANSLATE_NOOP("Errors", "{path} could not be written; what was there before is unharmed.")
    hint = QT_TRANSLATE_NOOP("Errors", "Free some space and try again.")


class DataTooNew(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The data was written by a newer Triptych")
    explanation = QT_TRANSLATE_NOOP("Errors", "{path} has a format that this version does not know; it was left alone.")
    hint = QT_TRANSLATE_NOOP("Errors", "Install the newest Triptych.")
    retryable = False


class DataDamaged(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "A data file is damaged")
    explanation = QT_TRANSLATE_NOOP("Errors", "{path} cannot be read; it was set aside as {copy}.")
    hint = QT_TRANSLATE_NOOP("Errors", "Triptych goes on with a fresh file; the old one is kept.")
    retryable = False
    action = "restore"


class SessionNotKept(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "Nothing of this session will be kept")
    explanation = QT_TRANSLATE_NOOP("Errors", "Triptych works in memory, as {path} cannot be used now; it is unharmed.")
    hint = QT_TRANSLATE_NOOP("Errors", "Follow the other notice and start Triptych again. Export what is to be kept.")
    retryable = False


class KeyStoreFailed(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The system's key store does not answer")
    explanation = QT_TRANSLATE_NOOP("Errors", "The key could not be read from it or saved in it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Unlock the key store and try again. A key entered now works for this session.")
    retryable = True
    action = "providers"


def storage_failure(error: OSError, path: Path) -> StorageFailed:
    """The words for what the system said about `path`: a full disk (or a used-up quota), or any other refusal."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return (DiskFull if is_full else StorageFailed)(error.strerror or str(error), path=str(path))


class DeviceFailed(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The sound device failed")
    explanation = QT_TRANSLATE_NOOP("Errors", "The device stopped or was unplugged; what was recorded is kept.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the device and choose it again.")
    retryable = True
    family = "microphone"


class NoMicrophone(DeviceFailed):
    shows_words = False
    title = QT_TRANSLATE_NOOP("Errors", "No microphone was found")
    explanation = QT_TRANSLATE_NOOP("Errors", "The system lists no sound input.")
    hint = QT_TRANSLATE_NOOP("Errors", "Plug one in and try again; you can still drop files here.")


class MicrophoneRefused(DeviceFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The microphone cannot be opened")
    explanation = QT_TRANSLATE_NOOP("Errors", "The system refused it: another program may use it, or access is off.")
    hint = QT_TRANSLATE_NOOP("Errors", "Allow access in the system's privacy settings, or choose another device.")


class UnreadableFile(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The file cannot be used")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” could not be read as {expected}.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check that the file opens in another program.")


class PictureTooLarge(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "The picture is too large")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” measures {width} × {height} pixels, more than can be opened.")
    hint = QT_TRANSLATE_NOOP("Errors", "Scale it down in another program first.")


class SoundUnreadable(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "The file cannot be used as sound")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” is missing, damaged, or neither sound nor video.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check that the file is still there and plays in another program.")


class NoSound(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "There is no sound in this file")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” holds no sound track, or one without any sound in it.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose another file.")


class NoLoudspeaker(DeviceFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The sound cannot be played")
    explanation = QT_TRANSLATE_NOOP("Errors", "No loudspeaker or headphones could be opened.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check the sound output in the system's settings and try again.")
    family = "loudspeaker"


class SoundSystemMissing(DeviceFailed):
    title = QT_TRANSLATE_NOOP("Errors", "Sound does not work on this computer yet")
    explanation = QT_TRANSLATE_NOOP("Errors", "The sound library PortAudio could not be loaded.")
    hint = QT_TRANSLATE_NOOP("Errors", "Install it (on Debian and Ubuntu: libportaudio2) and start Triptych again.")
    retryable = False
