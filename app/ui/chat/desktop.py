"""Desktop: files that come in by dropping or choosing, links and attachments that are opened in other programs."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.model.chat import Attachment, AttachmentKind
from app.model.file_errors import LinkNotOpened, NothingOpensIt, PastedTextTooLong
from app.model.file_types import PICTURE_TYPES, patterns
from app.model.visible import one_line
from app.ui import ask
from app.ui.chat.prompt_edit import MOST_PASTED_CHARACTERS
from app.ui.job import Job
from app.ui.widgets.drop_area import DropOverlay, files_in, picture_in

SAFE_SCHEMES = frozenset(("http", "https", "mailto"))
ONLY_READ = frozenset(
    (".txt", ".md", ".csv", ".tsv", ".log", ".json", ".yaml", ".yml", ".toml", ".ini", ".xml", ".srt")
)
"""Kinds of text that no desktop runs."""
MOST_ADDRESS_CHARACTERS = 400


class Desktop(QObject):
    """Stands between a tab and the desktop around the program.

    Signals:
        files_brought(list[Path]): dropped or chosen.
        picture_brought(bytes): dropped without being a file.
        failed(AppError)
    """

    files_brought = Signal(list)
    picture_brought = Signal(bytes)
    failed = Signal(object)

    def __init__(self, tab: QWidget) -> None:
        super().__init__(tab)
        self._tab = tab
        self.drop_overlay = DropOverlay(tab, self._describe_drop)
        self.drop_overlay.dropped.connect(self._on_dropped)
        self._asking = Job(self)
        self._asking.failed.connect(self.failed)

    def choose_files(self) -> None:
        """Let the user choose files to attach."""
        self._asking.start(self._choose_files())

    def follow(self, address: str) -> None:
        """Open a link in the browser; it says where it goes and asks before anything leaves the program."""
        url = QUrl(address)
        if url.isValid() and url.scheme().lower() in SAFE_SCHEMES and (url.host() or url.path()):
            self._asking.start(self._follow(url))
        else:
            self.failed.emit(LinkNotOpened(address=address))

    def refuse_text(self, length: int) -> None:
        """Tell that a pasted text of `length` characters is too long; it is still on the clipboard."""
        self.failed.emit(PastedTextTooLong(length=f"{length:,}", most=f"{MOST_PASTED_CHARACTERS:,}"))

    def open_attachment(self, attachment: Attachment) -> None:
        """Show a file in the program that the desktop uses for such files; that may run some, so it asks before."""
        if attachment.kind is AttachmentKind.IMAGE or attachment.path.suffix.lower() in ONLY_READ:
            self._open(QUrl.fromLocalFile(str(attachment.path)))
        else:
            self._asking.start(self._open_after_asking(attachment))

    async def aclose(self) -> None:
        await self._asking.aclose()

    async def _choose_files(self) -> None:
        pictures = self.tr("Pictures") + f" ({patterns(PICTURE_TYPES)})"
        filters = [self.tr("All files (*)"), pictures]
        files = await ask.choose_open_files(self._tab, self.tr("Attach files"), filters, many=True)
        if files:
            self.files_brought.emit(files)

    async def _follow(self, url: QUrl) -> None:
        written = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)  # no name can pass for another one
        host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
        words = self.tr("The link leads to {host}.").format(host=one_line(host)) if host else ""
        text = "\n\n".join(filter(None, (words, one_line(written, MOST_ADDRESS_CHARACTERS))))
        if await ask.confirm(self._tab, self.tr("Open this link?"), text, self.tr("Open")):
            self._open(url)

    async def _open_after_asking(self, attachment: Attachment) -> None:
        text = self.tr("“{name}” is opened in another program, which may run what is in it.")
        words = text.format(name=one_line(attachment.name))
        if await ask.confirm(self._tab, self.tr("Open this file?"), words, self.tr("Open")):
            self._open(QUrl.fromLocalFile(str(attachment.path)))

    def _open(self, url: QUrl) -> None:
        if not QDesktopServices.openUrl(url):
            self.failed.emit(NothingOpensIt(name=one_line(url.fileName() or url.toString(), MOST_ADDRESS_CHARACTERS)))

    def _describe_drop(self, data: QMimeData) -> str:
        files = files_in(data)
        if files:
            return self.tr("Attach %n file(s) to the message", "", len(files))
        return self.tr("Attach the picture to the message") if data.hasImage() else ""

    def _on_dropped(self, data: QMimeData) -> None:
        files = files_in(data)
        if files:
            self.files_brought.emit(files)
        elif data.hasImage():
            self.picture_brought.emit(picture_in(data))
