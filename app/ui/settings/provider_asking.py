"""ProviderAsking: what a form's buttons ask the provider's server: does it work, and which models has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.model.providers import Provider, ProxyMode, TestResult
from app.ui.job import Job
from app.ui.outside import open_page
from app.ui.settings.provider_form import ProviderForm
from app.ui.settings.verdict_card import Repair
from app.workers.providers import ProviderWorker


class ProviderAsking(QObject):
    """One test and one list at a time; showing another provider ends both.

    `current` yields the profile on show as it is stored, None if it is none of the user's.

    Signals:
        answered(Provider): the models of this one may be others now.
        failed(AppError)
        model_choice_requested(): the model that is in use is not there.
    """

    answered = Signal(object)
    failed = Signal(object)
    model_choice_requested = Signal()

    def __init__(
        self, form: ProviderForm, providers: ProviderWorker, current: Callable[[], Provider | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._providers = providers
        self._current = current
        self._testing = Job(self)
        self._listing = Job(self)
        form.test.requested.connect(self._on_test_requested)
        form.test.card.address_accepted.connect(self._on_address_accepted)
        form.test.card.repair_requested.connect(self._on_repair_requested)
        form.models.refresh_requested.connect(self._on_refresh_requested)
        form.options.ca_file.edited.connect(self._on_ca_file_edited)
        self._wants_test = self._wants_list = False
        self._repairs_certificate = False
        self._testing.ended.connect(self._on_testing_ended)
        self._listing.ended.connect(self._on_listing_ended)
        for job in (self._testing, self._listing):
            job.failed.connect(self.failed)

    def stop(self) -> None:
        """The answers are not wanted any more."""
        self._wants_test = self._wants_list = self._repairs_certificate = False
        self._testing.stop()
        self._listing.stop()

    async def aclose(self) -> None:
        await self._testing.aclose()
        await self._listing.aclose()

    def _on_test_requested(self) -> None:
        provider = self._current()
        if provider is not None:
            options = self._form.options
            typed = replace(provider, base_url=self._form.address_field.text(), ca_file=options.ca_file.field.text())
            started = self._testing.start(self._test(typed, self._form.key.typed()))
            self._wants_test = not started  # the test of another provider is just ending

    def _on_testing_ended(self) -> None:
        if self._wants_test:
            self._on_test_requested()

    async def _test(self, provider: Provider, key: str) -> None:
        self._form.test.show_running()
        result: TestResult | None = None
        try:
            result = await self._providers.test(provider, key)
        finally:
            if self._is_on_show(provider):
                self._form.test.show_result(result)
        self.answered.emit(provider)

    def _on_address_accepted(self, address: str) -> None:
        self._form.address_field.setText(address)
        self._form.changed.emit({"base_url": address})
        self._on_test_requested()

    def _on_repair_requested(self, repair: Repair) -> None:
        options = self._form.options
        fields = {
            Repair.ADDRESS: self._form.address_field,
            Repair.KEY: self._form.key,
            Repair.CERTIFICATE: options.ca_file,
            Repair.PROXY: options.proxy_url if options.proxy_mode.value() is ProxyMode.MANUAL else options.proxy_mode,
        }
        if repair in fields:
            self._form.lead_to(fields[repair])
        if repair is Repair.CERTIFICATE:
            self._repairs_certificate = True
            options.ca_file.choose_button.click()
        elif repair is Repair.MODEL:
            self.model_choice_requested.emit()
        elif repair in (Repair.KEYS_PAGE, Repair.ACCOUNT_PAGE):
            open_page(self._form.test.card.page_of(repair))

    def _on_ca_file_edited(self) -> None:
        if self._repairs_certificate:
            self._repairs_certificate = False
            self._on_test_requested()

    def _on_refresh_requested(self) -> None:
        provider = self._current()
        if provider is not None:
            # Else another one is just ending, as after a click at the moment in which its button came back.
            self._wants_list = not self._listing.start(self._ask(provider))

    def _on_listing_ended(self) -> None:
        if self._wants_list:
            self._on_refresh_requested()

    async def _ask(self, provider: Provider) -> None:
        self._form.models.set_asking(True)
        try:
            answer = await self._providers.models.ask(provider)
        finally:
            if self._is_on_show(provider):
                self._form.models.set_asking(False)
        self.answered.emit(provider)
        if answer.error is not None:
            self.failed.emit(answer.error)

    def _is_on_show(self, provider: Provider) -> bool:
        current = self._current()
        return current is not None and current.id == provider.id
