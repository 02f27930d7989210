"""A file that is to be imported, whatever wrote it: what is in it, checked, one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import msgspec

from app.model.chat import AttachmentKind, NewAttachment
from app.model.data_errors import BROKEN, NO_EXPORT, TOO_LARGE, WRONG_CONTENT, ImportRefused
from app.model.errors import storage_failure
from app.model.transfer import (
    Inconsistent,
    PortableAttachment,
    PortableConversation,
    PortablePicture,
    PortableRecording,
    check_conversation,
)
from app.services.transfer import chatgpt, own
from app.services.transfer.archive import MOST_DOCUMENT_BYTES, MOST_STREAM_BYTES, Archive, is_zip
from app.services.transfer.elements import NotAList, elements

ELEMENTS_IN_SILENCE = 1000
"""So many without anything to be seen are read at a time: some milliseconds."""

_ASSET = re.compile(r"(?:.*/)?(file[-_][A-Za-z0-9]+)[^/]*")

type MediaTypeOf = Callable[[bytes], str]
"""The media type that the first bytes of a picture tell, empty if they are none."""


class ArrivingFiles(Mapping[str, NewAttachment]):
    """The files of a conversation by their names, each read when it is asked for: all together may be any size."""

    def __init__(self, archive: Archive, found: Mapping[str, tuple[PortableAttachment, str]]) -> None:
        """`found` tells what each is and its place in the archive."""
        self._archive = archive
        self._found = found

    def __getitem__(self, name: str) -> NewAttachment:
        one, place = self._found[name]
        return NewAttachment(one.kind, one.name, one.media_type, self._archive.read(place))

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True, slots=True)
class Arriving:
    """A checked conversation with those of its files that are there; `missing` are not."""

    conversation: PortableConversation
    files: Mapping[str, NewAttachment] = field(default_factory=dict)
    missing: int = 0


class Incoming(Protocol):
    """Every method raises `ImportRefused` if something is wrong. `archive` holds the files of pictures and sounds."""

    archive: Archive | None
    unreadable: int
    """How many conversations the last reading left out: of somebody else's form, which nobody describes."""

    def conversations(self) -> Generator[Arriving | None]:
        """All conversations, one at a time; now and then None while nothing is found, so that it can be stopped."""
        ...

    def pictures(self) -> list[tuple[PortablePicture, str]]:
        """The gallery, each with the name of its file in the archive, empty if it is missing."""
        ...

    def recordings(self) -> list[tuple[PortableRecording, str]]:
        """The queue of sounds with their transcripts, as `pictures`."""
        ...

    def settings(self) -> bytes | None:
        """The options, None if there are none."""
        ...


@contextmanager
def opened(path: Path, media_type_of: MediaTypeOf) -> Iterator[Incoming]:
    """What `path` is.

    Raises:
        ImportRefused: it is nothing that can be imported.
        StorageFailed: it cannot be read.
    """
    with ExitStack() as stack, refusing(path.name):
        if path.exists() and not path.is_file():  # a pipe would be waited for, without an end
            raise ImportRefused(name=path.name, reason=NO_EXPORT)
        if not is_zip(path):
            yield _Text(path)
            return
        archive = Archive(path)
        stack.callback(archive.close)
        prefix = own.find_prefix(archive)
        if prefix is not None:
            yield _Own(archive, prefix, path.name, media_type_of)
            return
        lists = sorted(name for name in archive.names if chatgpt.MEMBER.fullmatch(name))
        if not lists:
            raise ImportRefused(name=path.name, reason=NO_EXPORT)
        yield _ChatGPT(archive, lists, path.name, media_type_of)


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Make an `ImportRefused` of what readers say about a file called `name`."""
    try:
        yield
    except (msgspec.ValidationError, Inconsistent, NotAList) as error:
        raise ImportRefused(str(error), name=name, reason=WRONG_CONTENT) from error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ImportRefused(str(error), name=name, reason=BROKEN) from error


class _Own:
    unreadable = 0

    def __init__(self, archive: Archive, prefix: str, name: str, media_type_of: MediaTypeOf) -> None:
        self.archive: Archive | None = archive
        self._archive = archive
        self._name = name
        self._media_type_of = media_type_of
        self._export = own.OwnExport(archive, prefix, name)

    def conversations(self) -> Generator[Arriving | None]:
        for member in self._export.conversations():
            with refusing(self._name):
                conversation = self._export.conversation(member)
                places = {one.file: self._export.place(own.ATTACHMENTS, one.file) for one in conversation.attachments()}
                found = _files(self._archive, conversation, places, self._media_type_of)
                kept = ArrivingFiles(self._archive, found)
            missing = sum(1 for one in conversation.attachments() if one.file not in kept)
            yield Arriving(conversation, kept, missing)

    def pictures(self) -> list[tuple[PortablePicture, str]]:
        with refusing(self._name):
            return [(picture, self._export.place(own.PICTURES, picture.file)) for picture in self._export.pictures()]

    def recordings(self) -> list[tuple[PortableRecording, str]]:
        with refusing(self._name):
            found = [self._export.recording(member) for member in self._export.recordings()]
            return [(recording, self._export.place(own.RECORDINGS, recording.file)) for recording in found]

    def settings(self) -> bytes | None:
        return self._export.settings()


class _OfChatGPT:
    """Lists of ChatGPT's conversations; of what only our own exports have there is nothing."""

    archive: Archive | None = None

    def __init__(self, name: str) -> None:
        self._name = name
        self._found = self.unreadable = 0
        self._first_failure = ""

    def pictures(self) -> list[tuple[PortablePicture, str]]:
        return []

    def recordings(self) -> list[tuple[PortableRecording, str]]:
        return []

    def settings(self) -> bytes | None:
        return None

    def _in_lists(
        self, lists: Iterable[IO[bytes]], find_picture: chatgpt.FindPicture
    ) -> Iterator[PortableConversation | None]:
        """What `Incoming.conversations` promises, without the files.

        Raises:
            ImportRefused: a list is damaged, or there are conversations and none of them can be read.
        """
        self._found = self.unreadable = 0
        with refusing(self._name):
            for stream in lists:
                for number, element in enumerate(elements(stream), 1):
                    conversation = self._read(element, find_picture)
                    if conversation is not None:
                        self._found += 1
                        yield conversation
                    elif number % ELEMENTS_IN_SILENCE == 0:
                        yield None
            if self.unreadable and not self._found:
                raise Inconsistent(self._first_failure)

    def _read(self, element: bytes, find_picture: chatgpt.FindPicture) -> PortableConversation | None:
        try:
            conversation = chatgpt.to_conversation(element, find_picture)
            if conversation is not None:
                check_conversation(conversation)
        except (msgspec.ValidationError, Inconsistent) as error:
            if not self.unreadable:
                self._first_failure = str(error)
            self.unreadable += 1
            return None
        return conversation


class _ChatGPT(_OfChatGPT):
    """The zip that ChatGPT makes, with the pictures in it."""

    def __init__(self, archive: Archive, lists: list[str], name: str, media_type_of: MediaTypeOf) -> None:
        super().__init__(name)
        self._archive = archive
        self._lists = lists
        self._media_type_of = media_type_of
        self._pictures = _by_id(archive.names)

    def conversations(self) -> Generator[Arriving | None]:
        for conversation in self._in_lists(self._streams(), self._find_picture):
            if conversation is None:
                yield None
                continue
            places = {one.file: one.file for one in conversation.attachments()}
            found = _files(self._archive, conversation, places, self._media_type_of)
            yield Arriving(conversation, ArrivingFiles(self._archive, found))

    def _streams(self) -> Iterator[IO[bytes]]:
        for member in self._lists:
            with self._archive.stream(member) as stream:
                yield stream

    def _find_picture(self, asset_id: str) -> tuple[str, str] | None:
        member = self._pictures.get(asset_id)
        if member is None:
            return None
        media_type = self._media_type_of(self._archive.head(member))
        return (member, media_type) if media_type else None


class _Text(_OfChatGPT):
    """A text: the list of conversations from ChatGPT's zip, or one conversation that Triptych exported alone."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self._path = path
        try:
            with path.open("rb") as file:
                head = file.read(4096)
            size = path.stat().st_size
        except OSError as error:
            raise storage_failure(error, path) from error
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if start not in (b"[", b"{"):
            raise ImportRefused(name=path.name, reason=NO_EXPORT)
        if size > (MOST_STREAM_BYTES if start == b"[" else MOST_DOCUMENT_BYTES):
            raise ImportRefused(name=path.name, reason=TOO_LARGE)
        self._is_single = start == b"{" and own.SINGLE_FORMAT.encode() in head

    def conversations(self) -> Generator[Arriving | None]:
        try:
            if self._is_single:
                with refusing(self._path.name):
                    single = own.single_conversation(self._path.read_bytes())
                if single is not None:
                    yield Arriving(single)
                return
            with self._path.open("rb") as stream:
                for conversation in self._in_lists([stream], lambda _: None):
                    yield None if conversation is None else Arriving(conversation)
        except OSError as error:
            raise storage_failure(error, self._path) from error


def _files(
    archive: Archive, conversation: PortableConversation, places: Mapping[str, str], media_type_of: MediaTypeOf
) -> dict[str, tuple[PortableAttachment, str]]:
    """The files of a conversation by their names; what is no picture although it should be is left out.

    Raises:
        ImportRefused: one of them is too large.
    """
    found: dict[str, tuple[PortableAttachment, str]] = {}
    for one in conversation.attachments():
        place = places.get(one.file, "")
        if not place or one.file in found:
            continue
        archive.check_size(place)
        if one.kind is not AttachmentKind.IMAGE or media_type_of(archive.head(place)):
            found[one.file] = one, place
    return found


def _by_id(names: list[str]) -> dict[str, str]:
    """Files by the id that their names begin with."""
    found: dict[str, str] = {}
    for name in names:
        if named := _ASSET.fullmatch(name):
            found.setdefault(named.group(1), name)
    return found
