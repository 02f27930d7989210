"""ChatTab: conversations at the left, the one on show in the middle, its parameters at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QIcon
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from app.model.chat import ChatParameters
from app.model.providers import BUILT_IN_ID, Capability, ModelReference
from app.ui import ask, theme
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.conversations import Conversations
from app.ui.chat.parameters_panel import ParametersPanel
from app.ui.chat.sidebar import Sidebar
from app.ui.chat.talk import Talk
from app.ui.job import Job
from app.ui.tab import Command, HandOver, Tab
from app.ui.theme import Role
from app.ui.widgets.drop_area import DropOverlay, files_in
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from app.workers.library import LibraryWorker

SIDEBAR_PX = 264
PARAMETERS_PX = 272
SAFE_SCHEMES = frozenset(("http", "https", "mailto"))


class ChatTab(Tab):
    """Chat completion. `set_enter_sends` follows the settings."""

    id = "chat"
    capability = Capability.CHAT

    def __init__(self, worker: ChatWorker, library: LibraryWorker, attachments: AttachmentWorker) -> None:
        super().__init__()
        self.sidebar = Sidebar()
        self.view = ConversationView()
        self.parameters = ParametersPanel()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.sidebar_button = QToolButton()
        self.parameters_button = QToolButton()
        self.talk = Talk(self.view, worker, library, attachments)
        self.conversations = Conversations(self.sidebar, library)
        self.drop_overlay = DropOverlay(self, self._describe_drop)
        self._asking = Job(self)
        self._build()
        self._connect()

    def title(self) -> str:
        return self.tr("Chat")

    def icon(self) -> QIcon:
        return theme.icon("message-square")

    def set_model(self, model: ModelReference | None) -> None:
        self.talk.current.model = model
        self.view.welcome.set_local(model is not None and model.provider_id == BUILT_IN_ID)

    def set_zoom(self, percent: int) -> None:
        self.view.transcript.set_zoom(percent)

    def set_enter_sends(self, enter_sends: bool) -> None:
        self.view.composer.set_enter_sends(enter_sends)

    def show_first(self, conversation_id: int | None = None) -> None:
        """Read the list and show the conversation that was on show last time, or a new one."""
        self.conversations.reload()
        self.talk.open(conversation_id)

    def commands(self) -> list[Command]:
        return [
            Command("chat.new", self.tr("New conversation"), "Ctrl+N", lambda: self.talk.open(None)),
            Command("chat.search", self.tr("Search conversations"), "Ctrl+F", self._focus_search),
            Command("chat.sidebar", self.tr("Show or hide conversations"), "Ctrl+B", self.sidebar_button.toggle),
            Command("chat.parameters", self.tr("Show or hide parameters"), "Ctrl+P", self.parameters_button.toggle),
            Command("chat.attach", self.tr("Attach files"), "Ctrl+O", self._attach),
        ]

    def take(self, hand_over: HandOver) -> None:
        """Files become attachments of the draft; text is put into the composer."""
        if hand_over.files:
            self.talk.intake.add_files(list(hand_over.files))
        if hand_over.text:
            self.view.composer.set_content(hand_over.text, self.view.composer.strip.attachments())
            self.view.composer.changed.emit()
        self.view.composer.setFocus()

    def activated(self) -> None:
        self.view.composer.setFocus()

    async def aclose(self) -> None:
        await self._asking.aclose()
        await self.talk.aclose()
        await self.conversations.aclose()

    def _build(self) -> None:
        self.splitter.setObjectName("chat_splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.sidebar.setMinimumWidth(180)
        self.parameters.setMinimumWidth(220)
        for part, width in ((self.sidebar, SIDEBAR_PX), (self._middle(), 0), (self.parameters, PARAMETERS_PX)):
            self.splitter.addWidget(part)
            part.resize(width or 700, part.height())
        self.splitter.setSizes([SIDEBAR_PX, 800, PARAMETERS_PX])
        for index, stretch in enumerate((0, 1, 0)):
            self.splitter.setStretchFactor(index, stretch)
        self.parameters.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self._retranslate()

    def _middle(self) -> QWidget:
        middle = QWidget()
        top = QHBoxLayout()
        top.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, 0)
        for button, name, icon in (
            (self.sidebar_button, "sidebar_button", "panel-left"),
            (self.parameters_button, "parameters_button", "sliders-horizontal"),
        ):
            button.setObjectName(name)
            button.setIcon(theme.icon(icon))
            button.setCheckable(True)
            theme.give_role(button, Role.FLAT)
        self.sidebar_button.setChecked(True)
        top.addWidget(self.sidebar_button)
        top.addStretch(1)
        top.addWidget(self.parameters_button)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        return middle

    def _connect(self) -> None:
        self.sidebar_button.toggled.connect(self.sidebar.setVisible)
        self.parameters_button.toggled.connect(self.parameters.setVisible)
        self.sidebar.new_requested.connect(lambda: self.talk.open(None))
        self.sidebar.opened.connect(self.talk.open)
        self.parameters.changed.connect(self.talk.current.note_settings)
        self.talk.shown.connect(self._on_talk_shown)
        self.talk.changed.connect(self.conversations.reload)
        self.talk.failed.connect(self.failed)
        self.talk.answers.working_changed.connect(self.working_changed)
        self.conversations.failed.connect(lambda error: self.failed.emit(error, None))
        self.conversations.removed.connect(self._on_conversations_removed)
        self.conversations.restored.connect(self.talk.open)
        self.view.welcome.connect_requested.connect(lambda: self.settings_requested.emit("providers"))
        self.view.composer.attach_pressed.connect(self._attach)
        self.view.transcript.link_activated.connect(self._on_link_activated)
        self.view.transcript.attachment_activated.connect(self._on_attachment_activated)
        self.drop_overlay.dropped.connect(lambda data: self.take(HandOver("chat", tuple(files_in(data)))))
        self._asking.failed.connect(lambda error: self.failed.emit(error, None))

    def _on_talk_shown(self) -> None:
        conversation = self.talk.current.value
        self.sidebar.set_current(conversation.id if conversation else None)
        prompt = conversation.system_prompt if conversation else ""
        self.parameters.set_values(prompt, conversation.parameters if conversation else ChatParameters())

    def _on_conversations_removed(self, conversation_id: int) -> None:
        self.talk.answers.stop(conversation_id)
        if conversation_id == self.talk.current.id:
            self.talk.open(None)

    def _on_link_activated(self, address: str) -> None:
        self._asking.start(self._follow(address))

    async def _follow(self, address: str) -> None:
        """Links in answers show where they go and ask before anything leaves the program."""
        url = QUrl(address)
        if url.scheme().lower() not in SAFE_SCHEMES:
            return
        if await ask.confirm(self, self.tr("Open this link?"), url.toDisplayString(), self.tr("Open")):
            QDesktopServices.openUrl(url)

    def _on_attachment_activated(self, message_id: int, attachment_id: int) -> None:
        attachment = self.view.attachment(message_id, attachment_id)
        if attachment is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(attachment.path)))

    def _attach(self) -> None:
        self._asking.start(self._choose_files())

    async def _choose_files(self) -> None:
        pictures = self.tr("Pictures") + " (*.png *.jpg *.jpeg *.webp *.gif *.heic *.avif *.tif *.tiff *.bmp)"
        filters = [self.tr("All files (*)"), pictures]
        files = await ask.choose_open_files(self, self.tr("Attach files"), filters, many=True)
        self.take(HandOver("chat", tuple(files)))

    def _focus_search(self) -> None:
        self.sidebar_button.setChecked(True)
        self.sidebar.search_field.setFocus()
        self.sidebar.search_field.selectAll()

    def _describe_drop(self, data: QMimeData) -> str:
        files = files_in(data)
        return self.tr("Attach %n file(s) to the message", "", len(files)) if files else ""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.sidebar_button.setToolTip(self.tr("Conversations (Ctrl+B)"))
        self.sidebar_button.setAccessibleName(self.tr("Show conversations"))
        self.parameters_button.setToolTip(self.tr("System prompt and parameters (Ctrl+P)"))
        self.parameters_button.setAccessibleName(self.tr("Show system prompt and parameters"))
