"""DevicePicker: the list of microphones with the system's choice on top; it opens none of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.model.audio import InputDevice
from app.ui.widgets.elided_combo_box import ElidedComboBox
from app.ui.widgets.plain_tip import plain_tip


class DevicePicker(ElidedComboBox):
    """Keeps the chosen device through changes of the list; one that is gone stays in it, marked, and may come back.

    Signals:
        device_chosen(str): the user chose the device with this id; empty is the system's default.
        opened(): the list is about to be shown; a good moment to look for new devices.
    """

    device_chosen = Signal(str)
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._devices: list[InputDevice] = []
        self._has_looked = False
        self._chosen = ""
        self._names: dict[str, str] = {}
        self.setObjectName("device_picker")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(self._on_activated)
        self._retranslate()

    @property
    def device_id(self) -> str:
        return self._chosen

    def choose(self, device_id: str) -> None:
        """Show a device as chosen, without a signal."""
        self._chosen = device_id
        self._fill()

    def set_devices(self, devices: Sequence[InputDevice]) -> None:
        if list(devices) == self._devices and self._has_looked:
            return
        self._devices = list(devices)
        self._has_looked = True
        self._names.update({device.id: device.name for device in devices})
        self._fill()

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _fill(self) -> None:
        self.blockSignals(True)
        self.clear()
        default = next((device.name for device in self._devices if device.is_default), "")
        system = self.tr("System default ({name})").format(name=default) if default else self.tr("System default")
        nothing_found = self.tr("No microphone found") if self._has_looked else self.tr("System default")
        self.addItem(system if self._devices else nothing_found, "")
        for device in self._devices:
            self.addItem(device.name, device.id)
        if self._chosen and self.findData(self._chosen) < 0:
            name = self._names.get(self._chosen, self._chosen.partition(":")[2])
            self.addItem(self.tr("{name} (not connected)").format(name=name), self._chosen)
        self.setCurrentIndex(max(0, self.findData(self._chosen)))
        self.blockSignals(False)
        self.setToolTip(plain_tip(self.currentText()))

    def _on_activated(self) -> None:
        chosen = str(self.currentData() or "")
        if chosen != self._chosen:
            self._chosen = chosen
            self.setToolTip(plain_tip(self.currentText()))
            self.device_chosen.emit(chosen)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Microphone"))
        self._fill()
