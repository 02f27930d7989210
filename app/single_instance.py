"""SingleInstance: one window per data folder; a second start hands over its files and raises the first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QThread, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_MS = 2_000
LOOK_AGAIN_MS = 50
MOST_BYTES = 1 << 20
"""More than any list of file names; what is longer did not come from this program."""


class SingleInstance(QObject):
    """Owns the profile while the program runs. The network part of Qt is loaded only once the window is there.

    Signals:
        activated(list[Path]): another start asks for the window and hands over files.
    """

    activated = Signal(list)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """`folder` is the profile's state folder, which exists."""
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "window.lock"))
        # Only a dead owner makes a lock stale, however long it is held.
        self._lock.setStaleLockTime(0)
        self._folder = folder
        self._waiting: list[Path] = []
        self._is_listening = False
        self._server: QLocalServer | None = None

    def claim(self, wait_ms: int = 0) -> bool:
        """True if this is the only window of the profile; one that is just closing may be waited for.

        A folder that cannot be written to, as on a full or read-only disk, is nobody's: what follows says so.
        """
        if self._lock.tryLock(wait_ms) or (self._is_left_by_a_namesake() and self._lock.tryLock(0)):
            return True
        return self._lock.error() is not QLockFile.LockError.LockFailedError

    def open_file(self, file: Path) -> None:
        """As another start would hand it over, for desktops that tell a running program; it waits for `listen`."""
        self._waiting.append(file)
        self._tell_waiting()

    def listen(self) -> None:
        """Answer other starts from now on; those before wait for it."""
        self._is_listening = True
        self._tell_waiting()
        from PySide6.QtNetwork import QLocalServer

        name = self._name()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(name)  # left by a killed program; the lock says that nobody listens there
        self._server.newConnection.connect(self._on_server_new_connection)
        self._server.listen(name)

    def hand_over(self, files: list[Path]) -> bool:
        """Ask the first window to come to the front and take `files`; False if it does not answer."""
        import json

        from PySide6.QtNetwork import QLocalSocket

        name = self._name()
        socket = QLocalSocket()
        deadline = QDeadlineTimer(ANSWER_MS)
        socket.connectToServer(name)
        while not socket.waitForConnected(ANSWER_MS):
            if deadline.hasExpired():
                return False
            QThread.msleep(LOOK_AGAIN_MS)  # the first window may just be starting
            socket.connectToServer(name)
        socket.write(json.dumps([str(path.absolute()) for path in files]).encode() + b"\n")
        answered = socket.waitForReadyRead(ANSWER_MS)
        socket.disconnectFromServer()
        return answered

    def stop_listening(self) -> None:
        """Answer no other start any more: this window is closing."""
        self._is_listening = False
        if self._server is not None:
            self._server.close()

    def release(self) -> None:
        """Let another window take the profile."""
        self.stop_listening()
        self._lock.unlock()

    def _is_left_by_a_namesake(self) -> bool:
        """Whether the lock was left by a killed process that had this one's number, and is removed now.

        In a container each start may get the same number, and Qt would take this process for the owner. A living owner
        in another container keeps its lock: Qt removes no file that some process holds (QLockFile's source: flock).
        """
        owner, *_ = self._lock.getLockInfo()
        return owner == os.getpid() and self._lock.removeStaleLockFile()

    def _tell_waiting(self) -> None:
        if self._is_listening and self._waiting:
            files, self._waiting = self._waiting, []
            self.activated.emit(files)

    def _name(self) -> str:
        import hashlib

        return f"triptych-{hashlib.sha256(str(self._folder.resolve()).encode()).hexdigest()[:24]}"

    def _on_server_new_connection(self) -> None:
        assert self._server is not None
        socket = self._server.nextPendingConnection()
        if socket is not None:
            # No lambdas that hold the socket: Python and Qt would both delete it when the program ends.
            socket.readyRead.connect(self._on_socket_ready_read)
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _on_socket_ready_read(self) -> None:
        self._read(cast("QLocalSocket", self.sender()))

    def _read(self, socket: QLocalSocket) -> None:
        import json

        if not socket.canReadLine():
            if socket.bytesAvailable() > MOST_BYTES:
                socket.abort()
            return
        try:
            names = json.loads(bytes(socket.readLine(MOST_BYTES).data()))
            files = [Path(name) for name in names if isinstance(name, str)]
        except (ValueError, TypeError):
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.activated.emit(files)
