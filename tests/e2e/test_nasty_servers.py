"""The nasty cases that a person sees, by their numbers, from the server's bytes to the words in both languages."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from PySide6.QtWidgets import QApplication, QPushButton

from app.model.chat import Message, MessageState
from app.model.settings import Language
from app.paths import Paths
from app.services.secrets import SERVICE
from app.services.settings import SettingsStore
from app.ui.chat.message_view import MessageView
from app.ui.chat.tab import ChatTab
from app.ui.notices import NoticeCard
from app.ui.settings.providers_page import ProvidersPage
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.conftest import KEY
from tests.fakes.openai_http import Action, Chunk, error_reply, event
from tests.fakes.openai_particular import ParticularOpenAI, unverified_to_stream
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import CHAT_MODEL, PROVIDER, connect

QUESTION = "Is anybody there? 有人吗?"
HALF = event({"choices": [{"index": 0, "delta": {"content": "Half of it, "}}]})
CLOUDFLARE = """<html><head><title>502: Bad gateway for 203.0.113.7</title></head><body>203.0.113.7</body></html>"""

type Words = dict[Language, tuple[str, str]]
"""Title and text of a notice."""


@pytest.fixture(params=[Language.ENGLISH, Language.CHINESE])
def language(request: pytest.FixtureRequest, connected: Path, paths: Paths) -> Language:
    """The language of the interface, once English and once Chinese."""
    store = SettingsStore(paths.settings_file)
    settings = store.read()
    found: Language = request.param
    store.write(replace(settings, appearance=replace(settings.appearance, language=found)))
    return found


def shown(driver: Driver, title: str) -> NoticeCard:
    return next(card for card in driver.window.notices.cards if card.title_label.text() == title)


def last_row(driver: Driver) -> MessageView:
    """The answer as it is drawn."""
    return driver.tab(ChatTab).view.transcript.stage.live()[1]


def host_of(server: FakeOpenAI) -> str:
    return f"127.0.0.1:{server.port}"


def fails(profile: Path, words: tuple[str, str], server_words: str, *, text: str = "") -> Message:
    """Ask a question that ends in this notice; `text` is what came of the answer all the same."""
    found: list[Message] = []
    title, explained = words

    async def story(driver: Driver) -> None:
        await ask(driver, QUESTION)
        await driver.until_notice(title)
        card = shown(driver, title)
        assert card.text_label.text() == explained
        assert card.words_label.text() == server_words
        found.append(await answered(driver))
        assert found[0].text == text
        assert found[0].state is (MessageState.INTERRUPTED if text else MessageState.FAILED)

    run_story(profile, story)
    return found[0]


CUT: Words = {
    Language.ENGLISH: (
        "The answer broke off",
        "The connection ended in the middle; what arrived is kept. "
        "Try again; where there is a Continue, it goes on from there.",
    ),
    Language.CHINESE: ("回答中断", "连接中途断开；已收到的内容已保留。请重试；有“继续”时可从该处接着进行。"),
}
GOES_ON = {Language.ENGLISH: "Continue", Language.CHINESE: "继续"}


def goes_on(profile: Path, server: FakeOpenAI, language: Language) -> None:
    """After a restart the cut answer is there, and Continue goes on with it."""
    server.answer("and the rest.")

    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await driver.until(lambda: len(chat.view.messages) == 2, "the conversation is on show again")
        button = last_row(driver).note.continue_button
        assert button.text() == GOES_ON[language]
        driver.click(button)
        await driver.until(lambda: list(chat.view.messages.values())[-1].state is MessageState.COMPLETE, "it went on")
        assert (await answered(driver)).text == "Half of it, and the rest."

    run_story(profile, story)


def test_case_12_a_truncated_stream(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    server.reply_bytes([HALF, Action.CUT])
    broken = "peer closed connection without sending complete message body (incomplete chunked read)"
    fails(connected, CUT[language], broken, text="Half of it, ")
    assert len(server.posts()) == 1
    goes_on(connected, server, language)


def test_case_13_an_end_without_a_reason(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    server.reply_bytes([HALF])
    fails(connected, CUT[language], "", text="Half of it, ")
    assert len(server.posts()) == 1
    goes_on(connected, server, language)


def test_case_44_a_page_of_a_proxy(
    qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI, language: Language
) -> None:
    server.reply(502, CLOUDFLARE, times=3)
    host = host_of(server)
    words: Words = {
        Language.ENGLISH: (
            "The server has a problem",
            f"{host} answered with an error of its own (status 502). Try again in a moment.",
        ),
        Language.CHINESE: ("服务器出现问题", f"{host} 返回了服务器错误（状态码 502）。请稍后重试。"),
    }
    fails(connected, words[language], "502: Bad gateway for …")
    assert b"203.0.113.7" not in everything_in(paths)


def test_case_45_a_refusal_without_a_word(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    server.reply(429, b"", times=3)
    words: Words = {
        Language.ENGLISH: (
            "Too many requests at the moment",
            "The server asks for a pause. Wait a moment and try again.",
        ),
        Language.CHINESE: ("请求过于频繁", "服务器要求暂缓请求。请稍候重试。"),
    }
    fails(connected, words[language], "")
    assert len(server.posts()) == 3


def test_case_46_a_limit_of_the_account(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    server.reply_error(429, "credit_balance_exhausted", "insufficient_quota", "You have no credit left.", times=3)
    words: Words = {
        Language.ENGLISH: (
            "The account's limit is reached",
            "The provider stops requests until the account has credit again. "
            "Check credit and limits on the provider's website; trying again does not help.",
        ),
        Language.CHINESE: (
            "账户额度已用尽",
            "在账户恢复额度之前，服务商会拒绝请求。请在服务商网站上查看余额和限额；重试无济于事。",
        ),
    }
    fails(connected, words[language], "You have no credit left.")
    assert len(server.posts()) == 1


def test_case_47_a_redirect(qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language) -> None:
    moved = "https://new.example/v1"
    server.reply(301, b"", {"Location": f"{moved}/chat/completions"})
    host = host_of(server)
    words: Words = {
        Language.ENGLISH: (
            "The server has moved to another address",
            f"{host} sends requests on to {moved}/chat/completions; nothing was sent there. "
            f"If you trust it, set the base address in the provider's settings to {moved}.",
        ),
        Language.CHINESE: (
            "服务器已迁移到其他地址",
            f"{host} 将请求转到 {moved}/chat/completions；未向那里发送任何内容。"
            f"如果您信任该地址，请在服务商设置中将基础地址改为 {moved}。",
        ),
    }
    fails(connected, words[language], f"{moved}/chat/completions")


def test_case_48_an_address_that_goes_astray(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    server.reply(405, {"detail": "Method Not Allowed"})
    host = host_of(server)
    words: Words = {
        Language.ENGLISH: (
            "The server does not offer this",
            f"{host} does not know /chat/completions. "
            "Choose another provider for this. If nothing works with this one, check its base address.",
        ),
        Language.CHINESE: (
            "服务器不提供此功能",
            f"{host} 上不存在 /chat/completions。请换用其他服务商。如果此服务商的所有功能都不可用，请检查其基础地址。",
        ),
    }
    fails(connected, words[language], "Method Not Allowed")


def test_case_49_a_refusal_of_fastapi(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    server.reply(422, {"detail": [{"loc": ["body", "messages"], "msg": "Too many of them", "type": "x"}]})
    words: Words = {
        Language.ENGLISH: (
            "The server refused the request",
            "Something in the request is not accepted by this server or model. "
            "The server's words below say what; change that setting and send again.",
        ),
        Language.CHINESE: (
            "服务器拒绝了请求",
            "此服务器或模型不接受请求中的某项内容。具体原因见下方服务器的回复；请修改相应设置后重新发送。",
        ),
    }
    fails(connected, words[language], "body.messages: Too many of them")


NO_MODEL = {
    Language.ENGLISH: "The server is reached but has no model yet. Download or load one there, then test again.",
    Language.CHINESE: "已连上服务器，但其中还没有模型。请先在服务器上下载或加载模型，再测试一次。",
}


def test_case_50_no_models_at_all(qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language) -> None:
    server.reply(200, {"object": "list", "data": None}, path="/models", times=9)

    async def story(driver: Driver) -> None:
        driver.window.settings_requested.emit("providers")
        await driver.until(lambda: driver.window.findChild(ProvidersPage), "the settings are open")
        page = driver.find(ProvidersPage, "providers_page")
        page.list.choose(PROVIDER)
        form = page.form
        await driver.until(form.isVisible, "the provider is on show")
        driver.click(driver.find(QPushButton, "test_provider"))
        await driver.until(form.test.card.verdict_label.text, "there is a verdict")
        assert form.test.card.verdict_label.text() == NO_MODEL[language]

    run_story(connected, story)


LOADS = {
    Language.ENGLISH: ("The server is still loading the model. Trying again", "…"),
    Language.CHINESE: ("服务器仍在加载模型。", "重试…"),
}


def test_case_52_a_model_that_loads(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language
) -> None:
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    server.reply(503, loading, times=2)

    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        await ask(driver, QUESTION)
        await driver.until(chat.view.status_line.text, "it is said what is waited for")
        beginning, end = LOADS[language]
        said = chat.view.status_line.text()
        assert said.startswith(beginning)
        assert said.endswith(end)
        assert (await answered(driver)).state is MessageState.COMPLETE
        assert not chat.view.status_line.text()

    run_story(connected, story)


NOT_STREAMED = {Language.ENGLISH: "not streamed", Language.CHINESE: "未流式传输"}


def test_case_53_an_organization_that_may_not_stream(
    qapp: QApplication, connected: Path, paths: Paths, language: Language
) -> None:
    async def story(driver: Driver) -> None:
        await ask(driver, QUESTION)
        answer = await answered(driver)
        assert (answer.state, answer.text) == (MessageState.COMPLETE, f"You said: {QUESTION}")
        assert last_row(driver).footer.small_print.text().endswith(f" · {NOT_STREAMED[language]}")
        assert not [title for title in driver.notices() if "refused" in title]

    with ParticularOpenAI(unverified_to_stream(), key=KEY) as server:
        point_at(paths, server)
        run_story(connected, story)
        assert [post.json.get("stream") for post in server.posts()] == [True, None]
        run_story(connected, story)  # it is remembered over a restart
        assert [post.json.get("stream") for post in server.posts()] == [True, None, None]


def test_case_54_a_key_with_quotes(
    qapp: QApplication, connected: Path, server: FakeOpenAI, key_store: KeyringBackend, language: Language
) -> None:
    key_store.set_password(SERVICE, PROVIDER, f"“{KEY}”")
    host = host_of(server)
    words: Words = {
        Language.ENGLISH: (
            "The key cannot be sent",
            f"The key for {host} holds a character that no key has (number 1), so nothing was sent. "
            "Copy the key again, without quotes or line breaks, in the provider's settings.",
        ),
        Language.CHINESE: (
            "无法发送密钥",
            f"{host} 的密钥中第 1 个字符不合法，因此未发送任何内容。请在服务商设置中重新粘贴密钥，不要带引号或换行。",
        ),
    }
    fails(connected, words[language], "")
    assert server.posts() == []


def test_case_55_a_server_that_echoes_the_key(
    qapp: QApplication,
    connected: Path,
    paths: Paths,
    server: FakeOpenAI,
    language: Language,
    caplog: pytest.LogCaptureFixture,
) -> None:
    echoed = error_reply(401, f"Incorrect API key provided: {KEY}.", code="invalid_api_key", type_="x").body
    server.reply(401, echoed or b"", {"Content-Type": "application/json"})
    host = host_of(server)
    words: Words = {
        Language.ENGLISH: (
            "The key was not accepted",
            f"{host} does not accept the key that is set for it. Enter the key again in the provider's settings.",
        ),
        Language.CHINESE: ("密钥未被接受", f"{host} 不接受为其设置的密钥。请在服务商设置中重新输入密钥。"),
    }
    with caplog.at_level(logging.DEBUG, "app"):
        answer = fails(connected, words[language], "Incorrect API key provided: [key hidden].")
    assert KEY[3:] not in f"{answer} {caplog.text}"
    assert KEY[3:].encode() not in everything_in(paths)


def everything_in(paths: Paths) -> bytes:
    """Every byte of the profile."""
    folders = (paths.config, paths.data, paths.cache, paths.state)
    return b"".join(file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file())


def point_at(paths: Paths, server: FakeOpenAI) -> None:
    """Let the provider have another address; the language stays."""
    appearance = SettingsStore(paths.settings_file).read().appearance
    connect(paths, server.base_url, chat_model=CHAT_MODEL)
    store = SettingsStore(paths.settings_file)
    store.write(replace(store.read(), appearance=appearance))


SAID_AS_IT_IS: dict[str, tuple[list[Chunk], Words, str]] = {
    "a refusal without a reason": (
        [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 15\r\n\r\n", b'{"error": null}'],
        {
            Language.ENGLISH: (
                "The server refused the request",
                "{host} refused it with status 400 and gave no reason. Try again, without attachments or special"
                " settings if there are any, or with another model.",
            ),
            Language.CHINESE: (
                "服务器拒绝了请求",
                "{host} 拒绝了请求（状态码 400），没有说明原因。"
                "请重试；如有附件或特殊设置，可去掉后再试，或换用其他模型。",
            ),
        },
        "",
    ),
    "nothing arrived": (
        [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"data:"],
        {
            Language.ENGLISH: (
                "The answer broke off",
                "The connection to {host} ended before anything of the answer had come."
                " Try again; if it stays, the server or a proxy before it is at fault.",
            ),
            Language.CHINESE: (
                "回答中断",
                "在收到任何回答内容之前，与 {host} 的连接就已断开。"
                "请重试；如果问题依旧，则是服务器或其前端代理的问题。",
            ),
        },
        "peer closed connection without sending complete message body (received 5 bytes, expected 99)",
    ),
    "a login page": (
        [b"HTTP/1.1 302 Found\r\nLocation: https://login.example/sso\r\nContent-Length: 0\r\n\r\n"],
        {
            Language.ENGLISH: (
                "A web page stands before the server",
                "{host} sends requests on to https://login.example/sso, which looks like a page for people; nothing was"
                " sent there. The network may want you to sign in first, in a browser. Otherwise check the base address"
                " in the provider's settings.",
            ),
            Language.CHINESE: (
                "服务器前有一个网页",
                "{host} 将请求转到 https://login.example/sso，那里似乎是供人浏览的网页；未向那里发送任何内容。"
                "网络可能要求先在浏览器中登录；否则请在服务商设置中检查基础地址。",
            ),
        },
        "https://login.example/sso",
    ),
    "a pause of a day": (
        [b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n"],
        {
            Language.ENGLISH: (
                "Too many requests at the moment",
                "The server asks for a pause. Try again in about 24 hours, as the server asks.",
            ),
            Language.CHINESE: ("请求过于频繁", "服务器要求暂缓请求。请按服务器的要求，约 24 小时后重试。"),
        },
        "",
    ),
}


@pytest.mark.parametrize("name", SAID_AS_IT_IS)
def test_what_a_server_does_wrong_is_said_as_it_is(
    qapp: QApplication, connected: Path, server: FakeOpenAI, language: Language, name: str
) -> None:
    answer, words, server_words = SAID_AS_IT_IS[name]
    server.reply_raw(answer, path="/chat/completions", times=1)
    title, text = words[language]
    fails(connected, (title, text.format(host=host_of(server))), server_words)
