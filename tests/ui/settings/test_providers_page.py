"""The providers page: adding, changing, testing and removing a provider as a person does it, over real servers."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.model.providers import HIDDEN, Capability, Dialect, KeyHeader, Provider, ProxyMode, Timeouts
from app.paths import Paths
from app.services.secrets import SERVICE, Secrets
from app.services.settings import SettingsStore
from app.ui import ask
from app.ui.settings.editors import ChoiceEditor, LinesEditor
from app.ui.settings.provider_form import ProviderForm
from tests.fakes.keyring import locked
from tests.fakes.openai_http import Action
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.settings.conftest import Open, Opened, profile

KEY = "sk-typed-0123456789"


def _form(opened: Opened, name: str = "mine") -> ProviderForm:
    """The form, showing the provider of that id."""
    opened.dialog.providers.list.choose(name)
    return opened.dialog.providers.form


def _texts(opened: Opened) -> list[str]:
    listed = opened.dialog.providers.list.list
    return [listed.item(row).text() for row in range(listed.count())]


def _add(opened: Opened, preset: str) -> None:
    action = opened.dialog.providers.list.add_menu.findChild(QAction, f"add_{preset}")
    assert action is not None
    action.trigger()


def _leave(field: LinesEditor) -> None:
    QTest.keyClick(field, Qt.Key.Key_Tab)


def test_the_built_in_engine_leads_to_its_models_and_cannot_be_removed(open_dialog: Open) -> None:
    opened = open_dialog("providers")
    page = opened.dialog.providers
    assert _texts(opened) == ["Built-in engine"]
    assert not page.list.remove_button.isEnabled()
    QTest.keyClick(page.list.list, Qt.Key.Key_Delete)
    assert _texts(opened) == ["Built-in engine"]
    opened.click(page.built_in.action_button)
    assert opened.dialog.models.isVisible()


def test_a_provider_is_added_from_a_preset_and_ready_for_its_key(open_dialog: Open) -> None:
    opened = open_dialog("providers")
    with opened.qtbot.waitSignal(opened.dialog.models_changed):
        _add(opened, "groq")
    form = opened.dialog.providers.form
    assert _texts(opened) == ["Built-in engine", "Groq"]
    assert form.address_field.text() == "https://api.groq.com/openai/v1"
    assert form.key.field.hasFocus()
    assert [own.preset for own in opened.stored] == ["groq"]


def test_a_template_starts_with_what_is_to_be_filled_in(open_dialog: Open) -> None:
    opened = open_dialog("providers")
    _add(opened, "azure")
    opened.until(opened.dialog.providers.form.address_field.hasFocus)


def test_a_custom_one_starts_with_its_address(open_dialog: Open) -> None:
    opened = open_dialog("providers")
    _add(opened, "custom")
    form = opened.dialog.providers.form
    opened.until(form.address_field.hasFocus)
    assert not form.test.test_button.isEnabled()
    QTest.keyClicks(form.address_field, "localhost:11434/v1/chat/completions")
    assert form.test.test_button.isEnabled()
    QTest.keyClick(form.address_field, Qt.Key.Key_Return)
    opened.until(lambda: form.address_field.text() == "http://localhost:11434/v1")
    assert opened.stored[0].base_url == "http://localhost:11434/v1"


def test_what_is_typed_is_stored_and_on_disk(open_dialog: Open, paths: Paths) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    form = _form(opened)
    opened.type_into(form.name_field, "Our gateway")
    opened.until(lambda: _texts(opened) == ["Built-in engine", "Our gateway"])
    opened.click(form.enabled_box)
    opened.until(lambda: _texts(opened) == ["Built-in engine", "Our gateway (off)"])
    stored = SettingsStore(paths.settings_file).read().providers
    assert [(own.name, own.enabled) for own in stored] == [("Our gateway", False)]


def test_what_is_being_typed_is_not_overwritten_by_what_is_being_stored(open_dialog: Open) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    form = _form(opened)
    opened.type_into(form.address_field, "localhost:2/v1")
    opened.type_into(form.name_field, "Half a na", leave=False)
    opened.until(lambda: opened.stored[0].base_url == "http://localhost:2/v1")
    opened.until(lambda: form.address_field.text() == "http://localhost:2/v1")
    assert form.name_field.text() == "Half a na"
    QTest.keyClicks(form.name_field, "me")
    QTest.keyClick(form.name_field, Qt.Key.Key_Return)
    opened.until(lambda: opened.stored[0].name == "Half a name")


def test_a_key_goes_to_the_key_store_and_out_of_sight(open_dialog: Open, backend: KeyringBackend, paths: Paths) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    key = _form(opened).key
    assert key.field.echoMode() is QLineEdit.EchoMode.Password
    opened.click(key.reveal_button)
    assert key.field.echoMode() is QLineEdit.EchoMode.Normal
    opened.type_into(key.field, KEY)
    opened.until(lambda: backend.get_password(SERVICE, "mine") == KEY)
    opened.until(lambda: key.field.text() == "" and "stored" in key.field.placeholderText())
    assert key.field.echoMode() is QLineEdit.EchoMode.Password
    assert "key store" in key.place_label.text()
    assert KEY not in paths.settings_file.read_text("utf-8")
    opened.click(key.remove_button)
    opened.until(lambda: backend.get_password(SERVICE, "mine") is None)
    opened.until(lambda: not key.remove_button.isVisible())


def test_without_a_key_store_it_is_said_plainly(open_dialog: Open) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"), secrets=Secrets())
    key = _form(opened).key
    opened.until(lambda: "this session only" in key.place_label.text())


@pytest.mark.parametrize("way", ["typed", "removed"])
def test_a_locked_key_store_is_a_notice_and_nothing_else(open_dialog: Open, way: str) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"), secrets=Secrets(locked()))
    form = _form(opened)
    notices = opened.dialog.providers.notices
    opened.until(lambda: notices.cards)
    notices.dismiss()
    if way == "typed":
        opened.type_into(form.key.field, KEY)
    else:
        form.key.removed.emit()
    opened.until(lambda: [card.notice.kind for card in notices.cards] == ["KeyStoreFailed"])
    opened.type_into(form.name_field, "Still works")
    opened.until(lambda: opened.stored[0].name == "Still works")


def test_a_test_that_succeeds_shows_the_models_and_what_they_can_do(open_dialog: Open, server: FakeOpenAI) -> None:
    server.models = ["gpt-4o", {"id": "whisper-1", "object": "model", "shutdown_date": "2031-05-06"}]
    opened = open_dialog("providers", profile("Mine", server.base_url))
    form = _form(opened)
    opened.click(form.test.test_button)
    opened.until(lambda: not form.test.test_button.isEnabled())
    opened.until(lambda: "It works" in form.test.card.verdict_label.text())
    assert form.test.test_button.isEnabled()
    rows = form.models.list.model()
    lines = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    assert lines[0] == "gpt-4o  ·  Chat, Sees pictures"
    assert lines[1].startswith("whisper-1  ·  Transcribes, Translates speech  ·  ends ")
    assert "31" in lines[1]


def test_a_key_that_is_only_typed_is_tried_and_stored(open_dialog: Open, backend: KeyringBackend) -> None:
    with FakeOpenAI(key=KEY) as server:
        opened = open_dialog("providers", profile("Mine", server.base_url))
        form = _form(opened)
        opened.type_into(form.key.field, KEY, leave=False)
        opened.click(form.test.test_button)
        opened.until(lambda: "It works" in form.test.card.verdict_label.text())
        opened.until(lambda: backend.get_password(SERVICE, "mine") == KEY)


def test_a_verdict_belongs_to_the_provider_that_was_tested(open_dialog: Open, server: FakeOpenAI) -> None:
    server.reply_raw([Action.STAY], path="/models")
    opened = open_dialog("providers", profile("Slow", server.base_url), profile("Other", "http://localhost:1/v1"))
    form = _form(opened, "slow")
    opened.click(form.test.test_button)
    opened.until(lambda: [asked.path for asked in server.requests] == ["/v1/models"])
    _form(opened, "other")
    assert not form.test.card.verdict_label.isVisible()
    opened.until(form.test.test_button.isEnabled)
    opened.click(form.test.test_button)
    opened.until(lambda: "Nobody answers" in form.test.card.verdict_label.text())
    server.wait_for_departures(1)


def test_the_list_is_asked_for_and_a_failure_is_a_notice(open_dialog: Open, server: FakeOpenAI) -> None:
    server.models = ["gpt-4o"]
    opened = open_dialog("providers", profile("Mine", server.base_url))
    models = _form(opened).models
    opened.click(models.refresh_button)
    opened.until(lambda: models.list.model().rowCount() == 1)
    opened.until(models.refresh_button.isEnabled)
    server.key = "sk-another-0123456789"
    opened.click(models.refresh_button)
    opened.until(lambda: [card.notice.kind for card in opened.dialog.providers.notices.cards] == ["KeyNeeded"])
    assert models.list.model().rowCount() == 1
    (card,) = opened.dialog.providers.notices.cards
    assert not card.action_buttons  # the page that would help is this one


def test_a_click_at_the_moment_an_answer_comes_asks_once_more(open_dialog: Open, server: FakeOpenAI) -> None:
    server.models = ["gpt-4o"]
    opened = open_dialog("providers", profile("Mine", server.base_url))
    models = _form(opened).models
    clicked: list[object] = []

    def click_once(_provider: object) -> None:
        if not clicked:
            clicked.append(_provider)
            opened.click(models.refresh_button)

    opened.dialog.providers._asking.answered.connect(click_once)
    opened.click(models.refresh_button)
    opened.until(lambda: len([asked for asked in server.requests if asked.path.endswith("/models")]) == 2)
    opened.until(models.refresh_button.isEnabled)


def test_what_a_model_can_do_is_corrected_and_guessed_again(open_dialog: Open, server: FakeOpenAI) -> None:
    server.models = ["odd-one", "gpt-4o"]
    opened = open_dialog("providers", profile("Mine", server.base_url))
    models = _form(opened).models
    opened.click(models.refresh_button)
    opened.until(lambda: models.list.model().rowCount() == 2)
    models.filter_field.setFocus()
    QTest.keyClicks(models.filter_field, "ODD")
    assert models.list.model().rowCount() == 1
    models.list.setCurrentIndex(models.list.model().index(0, 0))
    assert not any(box.isChecked() for box in models.boxes.values())
    QTest.keyClick(models.boxes[Capability.CHAT], Qt.Key.Key_Space)
    opened.until(lambda: opened.stored[0].capabilities == {"odd-one": (Capability.CHAT,)})
    opened.until(lambda: models.list.model().index(0, 0).data() == "odd-one  ·  Chat")
    opened.click(models.guess_button)
    opened.until(lambda: opened.stored[0].capabilities == {})
    opened.until(lambda: models.list.model().index(0, 0).data() == "odd-one")


def test_removing_can_be_undone_with_key_and_place(open_dialog: Open, backend: KeyringBackend) -> None:
    backend.set_password(SERVICE, "first", KEY)
    opened = open_dialog(
        "providers", profile("First", "http://localhost:1/v1"), profile("Second", "http://localhost:2")
    )
    page = opened.dialog.providers
    page.list.choose("first")
    opened.click(page.list.remove_button)
    opened.until(lambda: _texts(opened) == ["Built-in engine", "Second"])
    assert "First" in page.undo_bar.label.text()
    opened.click(page.undo_bar.undo_button)
    opened.until(lambda: _texts(opened) == ["Built-in engine", "First", "Second"])
    assert page.list.current_id() == "first"
    assert backend.get_password(SERVICE, "first") == KEY


def test_removing_for_good_deletes_the_key(open_dialog: Open, backend: KeyringBackend) -> None:
    backend.set_password(SERVICE, "mine", KEY)
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    page = opened.dialog.providers
    page.list.choose("mine")
    page.list.list.setFocus()
    QTest.keyClick(page.list.list, Qt.Key.Key_Delete)
    opened.until(lambda: _texts(opened) == ["Built-in engine"])
    assert page.built_in.isVisible()
    opened.click(page.undo_bar.close_button)
    opened.until(lambda: backend.get_password(SERVICE, "mine") is None)
    assert opened.stored == ()


def test_more_options_are_folded_and_each_is_stored(open_dialog: Open, tmp_path: object) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    form = _form(opened)
    options = form.options
    assert not options.organization.isVisible()
    opened.click(form.more_button)
    assert options.organization.isVisible()
    opened.type_into(options.organization, "org-1")
    opened.type_into(options.project, "proj-1")
    _choose(options.dialect, Dialect.RESPONSES)
    _choose(options.key_header, KeyHeader.API_KEY)
    assert not options.proxy_url.isVisible()
    _choose(options.proxy_mode, ProxyMode.MANUAL)
    assert options.proxy_url.isVisible()
    opened.type_into(options.proxy_url, "http://proxy:3128")
    opened.type_into(options.connect_s, "5")
    opened.type_into(options.idle_s, "90")
    opened.until(lambda: opened.stored[0].timeouts == Timeouts(5, 90))
    (stored,) = opened.stored
    assert (stored.organization, stored.project) == ("org-1", "proj-1")
    assert (stored.dialect, stored.key_header) == (Dialect.RESPONSES, KeyHeader.API_KEY)
    assert (stored.proxy_mode, stored.proxy_url) == (ProxyMode.MANUAL, "http://proxy:3128")


def test_headers_and_fields_are_checked_before_they_are_stored(open_dialog: Open) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    form = _form(opened)
    opened.click(form.more_button)
    headers, body = form.options.extra_headers, form.options.extra_body
    headers.setFocus()
    QTest.keyClicks(headers, "X-Team research")
    _leave(headers)
    assert "Line 1" in form.options.rows["extra_headers"].problem_label.text()
    assert opened.stored[0].extra_headers == {}
    headers.setPlainText("X-Team: research")
    headers.setFocus()
    _leave(headers)
    opened.until(lambda: opened.stored[0].extra_headers == {"X-Team": HIDDEN})
    opened.until(lambda: headers.toPlainText() == f"X-Team: {HIDDEN}")
    assert not form.options.rows["extra_headers"].problem_label.isVisible()
    body.setFocus()
    QTest.keyClicks(body, '{"user": ')
    _leave(body)
    assert form.options.rows["extra_body"].problem_label.isVisible()
    body.setPlainText('{"user": "me"}')
    body.setFocus()
    _leave(body)
    opened.until(lambda: opened.stored[0].extra_body == {"user": "me"})


def test_where_headers_and_passwords_are_kept_is_said(open_dialog: Open, paths: Paths) -> None:
    plain = profile("Mine", "http://localhost:1/v1", proxy_url="http://me:pr0xy@localhost:2")
    opened = open_dialog("providers", replace(plain, extra_headers={"X-Token": "team-token-93f1"}))
    options = _form(opened).options
    opened.click(_form(opened).more_button)
    assert options.extra_headers.toPlainText() == f"X-Token: {HIDDEN}"
    assert options.proxy_url.text() == f"http://me:{HIDDEN}@localhost:2"
    for name in ("extra_headers", "proxy_url"):
        assert "kept in the key store" in options.rows[name].help_label.text()
    assert "team-token" not in paths.settings_file.read_text("utf-8")


def test_without_a_key_store_it_is_said_that_they_are_kept_for_the_session(open_dialog: Open) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"), secrets=Secrets())
    rows = _form(opened).options.rows
    opened.until(lambda: "this session only" in rows["extra_headers"].help_label.text())
    assert "this session only" in rows["proxy_url"].help_label.text()


def test_a_certificate_file_is_chosen(open_dialog: Open, paths: Paths) -> None:
    opened = open_dialog("providers", profile("Mine", "http://localhost:1/v1"))
    form = _form(opened)
    opened.click(form.more_button)
    ask.answers.append([paths.data / "company.pem"])
    opened.click(form.options.ca_file.choose_button)
    opened.until(lambda: opened.stored[0].ca_file == str(paths.data / "company.pem"))


def test_a_profile_that_came_from_elsewhere_is_there_when_the_page_is_shown(open_dialog: Open) -> None:
    opened = open_dialog("general")
    from dataclasses import replace

    new: tuple[Provider, ...] = (profile("Elsewhere", "http://localhost:1/v1"),)
    opened.settings.update(lambda old: replace(old, providers=new))
    opened.dialog.show_page("providers")
    assert _texts(opened) == ["Built-in engine", "Elsewhere"]


def _choose(editor: ChoiceEditor, choice: object) -> None:
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Home)
    while editor.value() is not choice:
        before = editor.value()
        QTest.keyClick(editor, Qt.Key.Key_Down)
        assert editor.value() is not before, f"no {choice} in the list"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
