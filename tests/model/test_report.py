"""What a report says of settings and providers, and what it leaves out."""

from __future__ import annotations

import pytest

from app.model.providers import BUILT_IN_ID, ModelReference, Provider
from app.model.report import bare_address, provider_lines, settings_lines, without_names
from app.model.settings import AudioSettings, ChosenModels, ImagesSettings, Settings, WindowState


def test_options_are_told_and_texts_only_as_there_or_not() -> None:
    settings = Settings(
        images=ImagesSettings(folder="/home/jane/private"),
        audio=AudioSettings(vocabulary="Acme merger"),
        chosen=ChosenModels(chat=ModelReference(BUILT_IN_ID, "small"), image=ModelReference("gone", "big")),
        window=WindowState(drafts={"chat": "dear diary"}),
    )
    lines = list(settings_lines(settings))
    assert "appearance.theme: system" in lines
    assert "appearance.zoom_percent: 100" in lines
    assert "images.folder: set" in lines
    assert "audio.vocabulary: set" in lines
    assert "audio.device_id: not set" in lines
    assert "model for chat: small of the built-in engine" in lines
    assert "model for image: big of a removed provider" in lines
    text = "\n".join(lines)
    assert not any(word in text for word in ("jane", "Acme", "diary"))


def test_of_a_provider_neither_name_nor_values() -> None:
    provider = Provider(
        id="p", name="Jane's", preset="custom", base_url="https://jane:pw@models.example/v1?key=abc", enabled=False,
        extra_headers={"X-Team": "red"}, extra_body={"user": "jane"}, organization="org-1", ca_file="/home/jane/ca.pem",
    )  # fmt: skip
    (line,) = provider_lines([provider])
    assert "custom, https://models.example/v1;" in line
    assert "headers: X-Team; fields: user; organisation: set; certificate file: set" in line
    assert line.endswith("switched off")
    assert not any(word in line for word in ("jane", "Jane", "pw", "red", "abc", "org-1"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://models.example:8080/v1", "https://models.example:8080/v1"),
        ("https://user:pass@models.example/v1?key=x#y", "https://models.example/v1"),
        ("https://gateway.example/0123456789abcdef0123456789/v1", "https://gateway.example/…/v1"),
        ("https://[::1]:1/v1", "https://[::1]:1/v1"),
        ("https://user:p@ss/w?rd#1@models.example/v1", "https://models.example/v1"),
        ("user:pass@models.example/v1", "models.example/v1"),
        ("http://[broken", "http://[broken"),
        ("", ""),
    ],
)
def test_addresses_come_without_credentials(address: str, shown: str) -> None:
    assert bare_address(address) == shown


@pytest.mark.parametrize(
    ("text", "home", "shown"),
    [
        ("in /home/jane/x.txt", "/home/jane", "in ~/x.txt"),
        ("in /home/janet/x.txt", "/home/jane", "in /home/…/x.txt"),
        ("C:\\Users\\Jane Doe\\x", "C:\\Users\\Jane Doe", "~\\x"),
        ('"C:\\\\Users\\\\Jane\\\\x"', "C:\\Users\\Jane", '"~\\\\x"'),
        ("file:///C:/Users/Jane/x", "C:\\Users\\Jane", "file:///~/x"),
        ("/Users/bob/y and /root/z", "/root", "/Users/…/y and ~/z"),
        ("/home", "/", "/home"),
        ("http://jane:[key hidden]@proxy.example and http://bob@x", "/root", "http://…@proxy.example and http://…@x"),
    ],
)
def test_nobody_is_named(text: str, home: str, shown: str) -> None:
    assert without_names(text, home) == shown
