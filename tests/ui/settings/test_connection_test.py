"""The Test button as a person uses it: what it says, and the buttons below that put things right, over real servers."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.providers import HIDDEN, ModelReference, ProxyMode, TestResult, Verdict
from app.model.settings import ChosenModels
from app.services.secrets import SERVICE
from app.ui import ask
from app.ui.settings.provider_form import ProviderForm
from app.ui.settings.verdict_card import Repair, VerdictCard
from tests.fakes.forward_proxy import ForwardProxy
from tests.fakes.odd_servers import unused_port
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.secure_server import secure_server
from tests.ui.settings.conftest import Open, Opened, profile

KEY = "sk-test-0123456789"


def form_of(opened: Opened) -> ProviderForm:
    """The form, showing the one provider."""
    opened.dialog.providers.list.choose("mine")
    return opened.dialog.providers.form


def verdict_of(opened: Opened, words: str) -> VerdictCard:
    """Press the button and wait for these words."""
    test = form_of(opened).test
    opened.click(test.test_button)
    opened.until(lambda: test.card.isVisible() and words in test.card.verdict_label.text())
    return test.card


def test_the_keyboard_stays_at_the_button(open_dialog: Open, server: FakeOpenAI) -> None:
    opened = open_dialog("providers", profile("Mine", server.base_url))
    test = form_of(opened).test
    opened.dialog.activateWindow()
    test.test_button.setFocus()
    opened.until(test.test_button.hasFocus)
    QTest.keyClick(test.test_button, Qt.Key.Key_Space)
    opened.until(test.card.isVisible)
    assert test.test_button.hasFocus()


def offered(card: VerdictCard) -> list[Repair]:
    return [repair for repair, button in card.repair_buttons.items() if button.isVisible()]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_own_words(qtbot: QtBot, verdict: Verdict) -> None:
    card = VerdictCard()
    qtbot.addWidget(card)
    said = set()
    for other in Verdict:
        card.show_result(TestResult(other))
        said.add(card.verdict_label.text())
    card.show_result(TestResult(verdict, "<b>its words</b>"))
    assert len(said) == len(Verdict)
    assert card.words_label.text() == "<b>its words</b>"
    assert (verdict is Verdict.WORKS) == ("It works" in card.verdict_label.text())


def test_nobody_there_leads_to_the_address(open_dialog: Open) -> None:
    opened = open_dialog("providers", profile("Mine", f"http://127.0.0.1:{unused_port()}/v1"))
    card = verdict_of(opened, "Nobody answers at this address")
    assert offered(card) == [Repair.ADDRESS]
    opened.click(card.repair_buttons[Repair.ADDRESS])
    opened.until(form_of(opened).address_field.hasFocus)


def test_the_address_that_works_is_taken_by_one_click(open_dialog: Open, server: FakeOpenAI) -> None:
    opened = open_dialog("providers", profile("Mine", server.base_url.removesuffix("/v1")))
    card = verdict_of(opened, "a server answers at another one nearby")
    assert (card.address_button.text(), offered(card)) == (f"Use {server.base_url}", [])
    opened.click(card.address_button)
    opened.until(lambda: "It works" in card.verdict_label.text())
    opened.until(lambda: opened.stored[0].base_url == server.base_url)


def test_a_wrong_key_leads_to_the_key(open_dialog: Open, backend: KeyringBackend) -> None:
    backend.set_password(SERVICE, "mine", "sk-wrong-0123456789")
    with FakeOpenAI(key=KEY) as server:
        opened = open_dialog("providers", profile("Mine", server.base_url))
        card = verdict_of(opened, "does not accept the key")
        assert "Incorrect API key" in card.words_label.text()
        opened.click(card.repair_buttons[Repair.KEY])
        opened.until(form_of(opened).key.field.hasFocus)
        QTest.keyClicks(form_of(opened).key.field, KEY)
        verdict_of(opened, "It works")


def test_no_key_at_all_is_said_so(open_dialog: Open) -> None:
    with FakeOpenAI(key=KEY) as server:
        opened = open_dialog("providers", profile("Mine", server.base_url))
        assert offered(verdict_of(opened, "it wants a key")) == [Repair.KEY]


@pytest.mark.parametrize("pasted", [f"“{KEY}”", f"{KEY[:5]}\n{KEY[5:]}\n", f"Bearer {KEY}"])
def test_what_is_pasted_around_a_key_is_left_out(open_dialog: Open, backend: KeyringBackend, pasted: str) -> None:
    with FakeOpenAI(key=KEY) as server:
        opened = open_dialog("providers", profile("Mine", server.base_url))
        field = form_of(opened).key.field
        field.setFocus()
        field.insert(pasted)
        verdict_of(opened, "It works")
        opened.until(lambda: backend.get_password(SERVICE, "mine") == KEY)


def test_a_key_that_cannot_be_one_is_not_stored(open_dialog: Open, backend: KeyringBackend, server: FakeOpenAI) -> None:
    opened = open_dialog("providers", profile("Mine", server.base_url))
    key = form_of(opened).key
    key.field.setFocus()
    key.field.insert("sk–0123456789")
    QTest.keyClick(key.field, Qt.Key.Key_Return)
    opened.until(key.problem_label.isVisible)
    assert "“–” (number 3)" in key.problem_label.text()
    card = verdict_of(opened, "a character that no key has")
    assert Repair.KEY in offered(card)
    assert (server.requests, backend.get_password(SERVICE, "mine")) == ([], None)
    opened.type_into(key.field, KEY)
    opened.until(lambda: backend.get_password(SERVICE, "mine") == KEY)
    assert not key.problem_label.isVisible()


def test_a_page_of_the_provider_is_opened(open_dialog: Open, opened_outside: list[str]) -> None:
    with FakeOpenAI(key=KEY) as server:
        opened = open_dialog("providers", profile("Mine", server.base_url, preset="openai"))
        card = verdict_of(opened, "it wants a key")
        assert offered(card) == [Repair.KEY, Repair.KEYS_PAGE]
        button = card.repair_buttons[Repair.KEYS_PAGE]
        opened.click(button)
        assert opened_outside == [button.toolTip()] == ["https://platform.openai.com/api-keys"]
        server.reply_error(429, "insufficient_quota", path="/models")
        card = verdict_of(opened, "no credit or has reached its limit")
        assert offered(card) == [Repair.ACCOUNT_PAGE]


def test_an_unknown_certificate_is_put_right_by_choosing_its_file(open_dialog: Open, tmp_path: Path) -> None:
    authority = trustme.CA()
    file = tmp_path / "company.pem"
    authority.cert_pem.write_to_path(str(file))
    with secure_server(authority) as server:
        opened = open_dialog("providers", profile("Mine", server.base_url))
        card = verdict_of(opened, "certificate is not trusted")
        ask.answers.append([file])
        opened.click(card.repair_buttons[Repair.CERTIFICATE])
        opened.until(lambda: opened.stored[0].ca_file == str(file))
        assert form_of(opened).options.ca_file.isVisible()
        opened.until(lambda: "It works" in card.verdict_label.text())


def test_a_proxy_with_a_password_leads_to_its_address(open_dialog: Open, server: FakeOpenAI) -> None:
    with ForwardProxy(login="me:secret") as proxy:
        fields = {"proxy_mode": ProxyMode.MANUAL, "proxy_url": proxy.url}
        opened = open_dialog("providers", profile("Mine", server.base_url, **fields))
        card = verdict_of(opened, "asks for a name and a password")
        opened.click(card.repair_buttons[Repair.PROXY])
        field = form_of(opened).options.proxy_url
        opened.until(field.hasFocus)
        opened.type_into(field, proxy.url.replace("://", "://me:secret@"))
        opened.until(lambda: HIDDEN in opened.stored[0].proxy_url)
        verdict_of(opened, "It works")


def test_a_missing_model_leads_to_the_picker(open_dialog: Open, server: FakeOpenAI) -> None:
    opened = open_dialog("providers", profile("Mine", server.base_url))
    opened.settings.replace(chosen=ChosenModels(chat=ModelReference("mine", "gone")))
    server.reply_error(404, "model_not_found", path="/models/gone")
    card = verdict_of(opened, "does not have “gone”")
    with opened.qtbot.waitSignal(opened.dialog.picker_requested):
        opened.click(card.repair_buttons[Repair.MODEL])
    assert not opened.dialog.isVisible()


def test_what_is_no_address_is_said_beside_the_field(open_dialog: Open) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    form = form_of(opened)
    opened.type_into(form.address_field, "http://local host:99999/v1")
    problem = form.rows["address"].problem_label
    opened.until(problem.isVisible)
    assert "not a server's address" in problem.text()
    assert offered(verdict_of(opened, "not a server's address")) == [Repair.ADDRESS]
    opened.type_into(form.address_field, "local host:11434/v1/chat/completions")
    opened.until(lambda: form.address_field.text() == "http://localhost:11434/v1")
    assert not problem.isVisible()


def test_a_template_says_what_is_to_be_filled_in(open_dialog: Open) -> None:
    azure = profile("Mine", "https://RESOURCE.openai.azure.com/openai/v1", preset="azure")
    opened = open_dialog("providers", azure)
    assert "in place of “resource”" in form_of(opened).rows["address"].problem_label.text()
    verdict_of(opened, "still the template's")
