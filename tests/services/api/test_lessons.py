"""What refusals teach: the request that is sent again, what is told of it, and what is never given up unasked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import pytest

from app.model.audio import TranscriptionOptions, TranscriptionRequest, TranscriptionResult
from app.model.chat import (
    ChatMessage,
    ChatParameters,
    ChatRequest,
    InlineImage,
    ReasoningEffort,
    RequestAdjusted,
    ResponseFormat,
    Role,
    Verbosity,
)
from app.model.errors import AppError, PermissionDenied, RateLimited, RequestRefused, ServerTrouble, UnsupportedContent
from app.model.images import FinishedImage, ImageFile, ImageRequest, ImageSettings
from app.model.lessons import Lesson, LessonKind
from app.model.providers import Dialect, Endpoint
from app.services.api.calls import Call
from app.services.api.client import ApiService
from app.services.api.lessons import Taught, lessons_in, removable_field, taught
from tests.fakes import openai_particular as particular
from tests.fakes.openai_http import Received, Reply, error_reply
from tests.fakes.openai_particular import ParticularOpenAI, Rule
from tests.fakes.openai_server import Action, event, png
from tests.services.api.asking import MODEL, Outcome, collected, endpoint_of, question

PARAMETERS = ChatParameters(
    temperature=0.5,
    top_p=0.9,
    max_tokens=50,
    stop=("END",),
    frequency_penalty=0.5,
    presence_penalty=0.5,
    seed=7,
    response_format=ResponseFormat.JSON,
    reasoning_effort=ReasoningEffort.LOW,
    verbosity=Verbosity.LOW,
    extra_body={"top_k": 3},
)
DIALOGUE = (
    ChatMessage(Role.SYSTEM, "Be brief."),
    ChatMessage(Role.USER, "Hi"),
    ChatMessage(Role.ASSISTANT, "Hello"),
    ChatMessage(Role.USER, "More"),
)
RENAMED = Lesson("max_tokens", LessonKind.RENAMED, "max_completion_tokens")
RENAMED_BACK = Lesson("max_completion_tokens", LessonKind.RENAMED, "max_tokens")


class School:
    """A server with rules, asked again and again by a client that remembers."""

    def __init__(self, *rules: Rule, **endpoint: Any) -> None:
        self.server = ParticularOpenAI(*rules)
        self.learned: list[Lesson] = []
        self._changes = endpoint

    def __enter__(self) -> School:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    @property
    def posts(self) -> list[Any]:
        return [post.json for post in self.server.posts()]

    def ask(self, request: ChatRequest | None = None) -> Outcome:
        async def remember(_: Endpoint, model_id: str, lessons: tuple[Lesson, ...]) -> None:
            assert model_id == MODEL
            self.learned += lessons

        endpoint = endpoint_of(self.server, lessons=tuple(self.learned), **self._changes)
        asked = request or question(parameters=PARAMETERS)
        return collected(lambda api: api.chat(endpoint, asked), learned=remember)


def told(outcome: Outcome) -> tuple[Lesson, ...]:
    """What was told of the request before the first piece."""
    found = [item for item in outcome.items if isinstance(item, RequestAdjusted)]
    assert found == outcome.items[: len(found)]
    return found[0].lessons if found else ()


FIELDS = ["temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "verbosity"]


@pytest.mark.parametrize("rule", [particular.unsupported, particular.unknown_property, particular.forbidden])
@pytest.mark.parametrize("field", FIELDS)
def test_a_wish_that_a_server_does_not_know_is_left_out(field: str, rule: Any) -> None:
    with School(rule(field)) as school:
        first, second = school.ask(), school.ask()
    assert (first.error, first.text, first.pauses) == (None, "You said: hi", [])
    before, after, next_time = school.posts
    assert {name: value for name, value in before.items() if name != field} == after == next_time
    assert school.learned == [Lesson(field)]
    assert told(first) == told(second) == (Lesson(field),)


def test_the_only_value_is_the_default() -> None:
    with School(particular.only_default("temperature")) as school:
        assert school.ask().error is None
    assert school.learned == [Lesson("temperature")]


def test_a_value_out_of_its_range_teaches_nothing() -> None:
    with School(particular.out_of_range("temperature", 2)) as school:
        outcome = school.ask(question(parameters=ChatParameters(temperature=5)))
    assert isinstance(outcome.error, RequestRefused)
    assert (outcome.error.parameter, outcome.error.removable) == ("temperature", "")
    assert (len(school.posts), school.learned) == (1, [])


@pytest.mark.parametrize(("is_openai", "lesson"), [(False, RENAMED), (True, RENAMED_BACK)])
def test_the_limit_gets_its_other_name(is_openai: bool, lesson: Lesson) -> None:
    with School(particular.unsupported(lesson.field, instead=lesson.instead), is_openai=is_openai) as school:
        first, second = school.ask(), school.ask()
    assert [post.get(lesson.instead) for post in school.posts] == [None, 50, 50]
    assert not any(lesson.field in post for post in school.posts[1:])
    assert told(first) == (lesson,)
    assert told(second) == ()  # only the name is another


def test_a_limit_that_is_too_large_is_not_renamed() -> None:
    with School() as school:
        words = "max_tokens is too large: 50. This model supports at most 10 completion tokens."
        school.server.reply_error(400, "invalid_value", "invalid_request_error", words, param="max_tokens")
        assert isinstance(school.ask().error, RequestRefused)
    assert len(school.posts) == 1


def test_usage_that_only_we_wanted_is_left_out_and_told_once() -> None:
    with School(particular.forbidden("stream_options")) as school:
        first, second = school.ask(), school.ask()
    assert ["stream_options" in post for post in school.posts] == [True, False, False]
    assert (told(first), told(second)) == ((Lesson("stream_options"),), ())


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.RESPONSES, Dialect.COMPLETIONS])
def test_an_answer_that_may_not_be_streamed_comes_whole(dialect: Dialect) -> None:
    with School(particular.without_streaming(), dialect=dialect) as school:
        first, second = school.ask(), school.ask()
    assert (first.error, first.text) == (None, "You said: hi")
    assert [post.get("stream") for post in school.posts] == [True, None, None]
    assert "stream_options" not in school.posts[1]
    assert told(first) == told(second) == (Lesson("stream"),)


def test_a_model_that_is_not_released_for_the_account_is_not_asked_without_streaming() -> None:
    with School() as school:
        words = "Your organization must be verified to use the model `gpt-6-luna`."
        school.server.reply_error(403, None, "invalid_request_error", words)
        assert isinstance(school.ask().error, PermissionDenied)
    assert len(school.posts) == 1


def roles(post: Any) -> list[str]:
    return [message["role"] for message in post["messages"]]


def test_the_system_prompt_gets_the_role_that_the_model_knows() -> None:
    with School(particular.without_role("system")) as school:
        first, second = school.ask(ChatRequest(MODEL, DIALOGUE)), school.ask(ChatRequest(MODEL, DIALOGUE))
    assert [roles(post)[0] for post in school.posts] == ["system", "developer", "developer"]
    assert told(first) == (Lesson("system", LessonKind.REPLACED, "developer"),)
    assert (second.error, told(second)) == (None, ())


@pytest.mark.parametrize(
    "rules",
    [
        (particular.template_without_system(),),
        (particular.without_role("system"), particular.without_role("developer")),
    ],
)
def test_a_template_without_a_system_prompt_gets_it_with_the_first_question(rules: tuple[Rule, ...]) -> None:
    with School(*rules) as school:
        assert school.ask(ChatRequest(MODEL, DIALOGUE)).error is None
        assert school.ask(ChatRequest(MODEL, DIALOGUE)).error is None
    assert [roles(post)[0] for post in school.posts] == ["system", "developer", "user", "user"]
    assert school.posts[-1]["messages"] == school.posts[-2]["messages"]
    assert school.posts[-1]["messages"][0] == {"role": "user", "content": "Be brief.\n\nHi"}
    assert roles(school.posts[-1]) == ["user", "assistant", "user"]
    assert school.learned == [Lesson("system", LessonKind.REPLACED, "user")]


def test_a_system_prompt_before_a_picture() -> None:
    picture = InlineImage("image/png", png(2, 2))
    request = ChatRequest(MODEL, (ChatMessage(Role.SYSTEM, "Look."), ChatMessage(Role.USER, "What?", (picture,))))
    with School(particular.template_without_system()) as school:
        assert school.ask(request).error is None
    kinds = [part["type"] for part in school.posts[-1]["messages"][0]["content"]]
    assert kinds == ["text", "text", "image_url"]


def test_a_server_that_wants_the_content_as_a_text() -> None:
    with School(particular.strings_only("input"), dialect=Dialect.RESPONSES) as school:
        assert school.ask(ChatRequest(MODEL, DIALOGUE)).error is None
        assert school.ask(ChatRequest(MODEL, DIALOGUE)).error is None
    assert [message["content"] for message in school.posts[-1]["input"]] == ["Hi", "Hello", "More"]
    assert (len(school.posts), school.learned) == (3, [Lesson("content", LessonKind.REPLACED, "text")])


def test_a_server_that_wants_the_content_as_parts() -> None:
    with School(particular.parts_only()) as school:
        assert school.ask(ChatRequest(MODEL, DIALOGUE)).error is None
    assert school.posts[-1]["messages"][1]["content"] == [{"type": "text", "text": "Hi"}]
    assert school.learned == [Lesson("content", LessonKind.REPLACED, "parts")]


def test_parts_have_kinds_of_their_own_in_responses() -> None:
    call = Call("/responses", body={"input": [{"role": "user", "content": "Hi"}]})
    changed = taught(call, Lesson("content", LessonKind.REPLACED, "parts"))
    assert changed is not None
    assert changed.body["input"][0]["content"] == [{"type": "input_text", "text": "Hi"}]


def test_a_picture_is_not_lost_where_only_text_is_taken() -> None:
    picture = InlineImage("image/png", png(2, 2))
    request = ChatRequest(MODEL, (*DIALOGUE, ChatMessage(Role.USER, "What?", (picture,))))
    with School(particular.strings_only("messages")) as school:
        assert isinstance(school.ask(request).error, UnsupportedContent)
    assert len(school.posts) == 1


def test_several_refusals_of_one_request() -> None:
    rules = [particular.unsupported(field) for field in ("stream_options", "temperature", "top_p")]
    with School(*rules, particular.unsupported("max_tokens", instead="max_completion_tokens")) as school:
        outcome = school.ask()
    assert (outcome.error, len(school.posts)) == (None, 5)
    assert told(outcome) == (Lesson("stream_options"), Lesson("temperature"), Lesson("top_p"), RENAMED)


def test_a_server_that_refuses_everything_is_believed() -> None:
    fields = [*FIELDS, "stream_options", "max_tokens", "max_completion_tokens", "stream"]
    with School(*map(particular.unsupported, fields)) as school:
        assert isinstance(school.ask().error, RequestRefused)
    assert (len(school.posts), school.learned) == (9, [])


def test_nothing_is_learnt_until_the_changed_request_was_answered() -> None:
    with School(particular.unsupported("temperature")) as school:
        school.server.rules.append(particular.out_of_range("top_p", 0.5))
        outcome = school.ask()
    assert isinstance(outcome.error, RequestRefused)
    assert (told(outcome), school.learned) == ((), [])


def test_a_lesson_is_not_lost_in_a_pause() -> None:
    with School(particular.unsupported("temperature")) as school:
        school.server.rules.append(once(429))
        outcome = school.ask()
    assert [type(item).__name__ for item in outcome.items[:3]] == ["RetryPending", "RequestAdjusted", "TextDelta"]
    assert (outcome.error, school.learned) == (None, [Lesson("temperature")])


def once(status: int) -> Rule:
    left = [error_reply(status, "slow down", code="rate_limit_exceeded", type_="requests")]
    return lambda _: left.pop() if left else None


def test_nothing_is_sent_again_once_something_was_shown() -> None:
    said = {"message": "Unsupported parameter: 'temperature'", "code": "unsupported_parameter", "param": "temperature"}
    chunk = event({"choices": [{"index": 0, "delta": {"content": "Half"}}]})
    with School() as school:
        school.server.reply_bytes([chunk, event({"error": {**said, "type": "invalid_request_error"}}), Action.CUT])
        outcome = school.ask()
    assert (outcome.text, type(outcome.error)) == ("Half", RequestRefused)
    assert (len(school.posts), school.learned) == (1, [])


def test_a_refusal_in_the_stream_before_any_word_teaches_too() -> None:
    said = {"message": "Unsupported parameter: 'temperature'", "code": "unsupported_parameter", "param": "temperature"}
    with School() as school:
        school.server.reply_bytes([event({"error": {**said, "type": "invalid_request_error"}})])
        assert school.ask().error is None
    assert school.learned == [Lesson("temperature")]


@pytest.mark.parametrize("field", ["response_format", "reasoning_effort", "stop", "top_k"])
def test_what_changes_the_answer_is_the_users_to_give_up(field: str) -> None:
    with School(particular.unsupported(field)) as school:
        outcome = school.ask()
        assert isinstance(outcome.error, RequestRefused)
        assert (outcome.error.removable, len(school.posts)) == (field, 1)
        school.learned = [Lesson(outcome.error.removable)]
        again = school.ask()
    assert (again.error, told(again)) == (None, (Lesson(field),))
    assert field not in school.posts[-1]


def test_a_limit_without_any_name_that_the_server_knows_is_left_out_whole() -> None:
    rules = (
        particular.unsupported("max_tokens", instead="max_completion_tokens"),
        particular.forbidden("max_completion_tokens"),
    )
    with School(*rules) as school:
        refused = school.ask()
        assert refused.error is not None
        assert refused.error.removable == "max_completion_tokens"
        school.learned = [Lesson(refused.error.removable)]
        assert school.ask().error is None
    assert not school.posts[-1].keys() & {"max_tokens", "max_completion_tokens"}


def test_responses_keep_what_stands_beside_a_refused_field() -> None:
    with School(particular.unsupported("text.verbosity"), dialect=Dialect.RESPONSES) as school:
        outcome = school.ask()
    assert told(outcome) == (Lesson("text.verbosity"),)
    assert school.posts[-1]["text"] == {"format": {"type": "json_object"}}


def test_the_form_of_a_response_is_the_users_to_give_up() -> None:
    with School(particular.unsupported("text.format"), dialect=Dialect.RESPONSES) as school:
        outcome = school.ask()
    assert outcome.error is not None
    assert outcome.error.removable == "text.format"


def test_a_lesson_that_no_longer_fits_is_turned_round() -> None:
    with School(particular.unsupported("max_completion_tokens", instead="max_tokens")) as school:
        school.learned = [RENAMED]
        outcome = school.ask()
    assert (outcome.error, told(outcome)) == (None, (RENAMED_BACK,))


CALL = Call(
    "/x",
    body={"model": "m", "usage": True, "a": {"b": 1, "c": 2}, "user": "me"},
    optional=(Lesson("usage"), Lesson("a.b")),
)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (RequestRefused("", status=400, parameter="usage"), [Lesson("usage")]),
        (RequestRefused("", status=422, parameter="usage.more"), [Lesson("usage")]),
        (RequestRefused("I do not like usage", status=400), [Lesson("usage")]),
        (PermissionDenied("", status=403, parameter="a.b"), [Lesson("a.b")]),
        (RequestRefused("", status=400, parameter="a"), [Lesson("a.b")]),
        (RequestRefused("Unknown usages", status=400), []),
        (RequestRefused("usage", status=400, parameter="temperature"), []),
        (ServerTrouble("usage", status=500), []),
        (RateLimited("usage", status=429), []),
    ],
)
def test_complaints_about_what_only_we_asked_for(error: AppError, found: list[Lesson]) -> None:
    assert list(lessons_in(CALL, error)) == found


def test_an_object_that_becomes_empty_goes_too() -> None:
    changed = taught(Call("/x", body={"a": {"b": 1}}), Lesson("a.b"))
    assert changed is not None
    assert changed.body == {}


@pytest.mark.parametrize(
    "lesson",
    [Lesson("missing"), Lesson("a.missing"), Lesson("usage.b"), RENAMED, Lesson("system", LessonKind.REPLACED, "user")],
)
def test_a_lesson_about_something_else_changes_nothing(lesson: Lesson) -> None:
    assert taught(CALL, lesson) is None
    assert Taught(CALL, (lesson,)).worth_telling == ()


@pytest.mark.parametrize(
    ("words", "parameter", "field"),
    [
        ("Unknown parameter: 'user'.", "user", "user"),
        ("Unknown parameter: 'user'.", "", "user"),
        ("Unknown parameter: 'model'.", "model", ""),
        ("unsupported: user and usage", "", ""),
        ("unsupported", "", ""),
        ("user must be a number", "user", ""),
        ("Unknown field c", "a.c", "a"),
    ],
)
def test_what_may_be_offered(words: str, parameter: str, field: str) -> None:
    assert removable_field(CALL, RequestRefused(words, status=400, parameter=parameter)) == field


def test_what_a_speech_model_taught_saves_the_next_upload() -> None:
    learned: list[Lesson] = []

    async def remember(_: Endpoint, model_id: str, lessons: tuple[Lesson, ...]) -> None:
        assert model_id == "whisper-1"
        learned.extend(lessons)

    options = TranscriptionOptions(temperature=0.2, word_times=True)
    upload = TranscriptionRequest("whisper-1", "a.wav", "audio/wav", b"RIFF", options, "verbose_json")
    with ParticularOpenAI(only_formats("json", "text"), particular.unsupported("temperature")) as server:
        for expected in (3, 4):
            endpoint = endpoint_of(server, lessons=tuple(learned))
            outcome = collected(partial(_transcribed, endpoint, upload), learned=remember)
            assert (outcome.error, [type(item) for item in outcome.items]) == (
                None,
                [RequestAdjusted, TranscriptionResult],
            )
            assert len(server.posts()) == expected
            # That there are no times is said where it is new; the temperature, which the user had set, each time.
            assert told(outcome) == tuple(learned if expected == 3 else learned[1:])
    assert learned == [Lesson("response_format", LessonKind.REPLACED, "json"), Lesson("temperature")]
    assert server.posts()[-1].fields == {"model": ["whisper-1"], "response_format": ["json"]}


PICTURE = ImageSettings(
    size="1024x1024",
    quality="high",
    background="opaque",
    output_format="webp",
    output_compression=80,
    seed=3,
    steps=9,
    partial_images=0,
    extra_body={"moderation": "low"},
)


def asked_for_pictures(server: ParticularOpenAI, model_id: str, *references: ImageFile, **changes: Any) -> Outcome:
    request = ImageRequest(model_id, "a cat", 2, PICTURE, references)
    return collected(lambda api: api.images(endpoint_of(server, **changes), request))


REFERENCES = [(), (ImageFile("cat.png", "image/png", png(4, 4)),)]


@pytest.mark.parametrize("references", REFERENCES, ids=["generation", "edit"])
@pytest.mark.parametrize(
    ("model_id", "field"), [("gpt-image-2", "output_compression"), ("flux", "seed"), ("flux", "response_format")]
)
def test_a_picture_that_stays_the_one_that_was_described(
    model_id: str, field: str, references: tuple[ImageFile, ...]
) -> None:
    with ParticularOpenAI(particular.unknown_property(field)) as server:
        outcome = asked_for_pictures(server, model_id, *references)
    assert (outcome.error, told(outcome)) == (None, (Lesson(field),))
    assert len(server.posts()) == 2
    assert [type(item) for item in outcome.items[1:]] == [FinishedImage, FinishedImage]


@pytest.mark.parametrize("references", REFERENCES, ids=["generation", "edit"])
@pytest.mark.parametrize(
    ("model_id", "field"),
    [
        *(("gpt-image-2", field) for field in ("size", "quality", "background", "output_format", "n", "moderation")),
        ("flux", "steps"),
    ],
)
def test_another_picture_than_was_described_is_the_users_to_ask_for(
    model_id: str, field: str, references: tuple[ImageFile, ...]
) -> None:
    with ParticularOpenAI(particular.forbidden(field)) as server:
        outcome = asked_for_pictures(server, model_id, *references)
        assert isinstance(outcome.error, RequestRefused)
        assert (outcome.error.removable, len(server.posts())) == (field, 1)
        again = asked_for_pictures(server, model_id, *references, lessons=(Lesson(field),))
    assert (again.error, told(again)) == (None, (Lesson(field),))


@pytest.mark.parametrize(
    ("name", "words", "parameter"),
    [
        ("image", "Missing required parameter: 'image[]'.", "image[]"),
        ("image", "Unknown parameter: 'image'. Did you mean 'image[]'?", ""),
        ("image[]", "Unknown parameter: 'image[]'.", "image[]"),
        ("image[]", "Missing required parameter: 'image'.", "image"),
    ],
)
def test_a_picture_gets_the_other_name_also_in_openais_words(name: str, words: str, parameter: str) -> None:
    call = Call("/images/edits", files=((name, ("cat.png", png(4, 4), "image/png")),))
    other = "image" if name == "image[]" else "image[]"
    error = RequestRefused(words, status=400, parameter=parameter)
    assert list(lessons_in(call, error)) == [Lesson(name, LessonKind.RENAMED, other)]


@pytest.mark.parametrize("words", ["Invalid image: the file is no PNG", "Unsupported image format", "image too large"])
def test_a_complaint_about_the_picture_itself_does_not_send_it_again(words: str) -> None:
    call = Call("/images/edits", files=(("image", ("cat.png", png(4, 4), "image/png")),))
    assert not list(lessons_in(call, RequestRefused(words, status=400)))


@pytest.mark.parametrize(("field", "translates"), [("language", False), ("prompt", False), ("prompt", True)])
def test_what_the_words_of_a_transcript_depend_on_is_the_users_to_give_up(field: str, translates: bool) -> None:
    options = TranscriptionOptions("de", "Triptych, Łódź", translate=translates)
    upload = TranscriptionRequest("whisper-1", "a.wav", "audio/wav", b"RIFF", options, "verbose_json")
    with ParticularOpenAI(particular.unsupported(field)) as server:
        outcome = collected(partial(_transcribed, endpoint_of(server), upload))
        assert isinstance(outcome.error, RequestRefused)
        assert (outcome.error.removable, len(server.posts())) == (field, 1)
        again = collected(partial(_transcribed, endpoint_of(server, lessons=(Lesson(field),)), upload))
    assert (again.error, told(again)) == (None, (Lesson(field),))
    assert field not in server.posts()[-1].fields


def only_formats(*known: str) -> Rule:
    """OpenAI's newer speech models."""

    def rule(request: Received) -> Reply | None:
        wanted = request.fields.get("response_format", ["json"])[0]
        words = f"response_format '{wanted}' is not compatible with model 'whisper-1'. Use 'json' or 'text' instead."
        refusal = error_reply(
            400, words, code="unsupported_value", type_="invalid_request_error", param="response_format"
        )
        return None if wanted in known else refusal

    return rule


def _transcribed(endpoint: Endpoint, upload: TranscriptionRequest, api: ApiService) -> AsyncGenerator[Any]:
    return api.transcribe(endpoint, upload)
