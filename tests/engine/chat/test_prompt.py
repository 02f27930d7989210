import pytest

from app.engine.chat.prompt import ChatTemplate
from app.engine.chat.request import Message
from app.engine.openai_errors import ApiError

MESSAGES: list[Message] = [{"role": "user", "content": "1 < 2 & 3"}]


def render(source: str) -> str:
    return ChatTemplate(source, "<s>", "</s>").render(MESSAGES)


def test_messages_and_tokens_reach_the_template() -> None:
    source = "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}"
    assert render(source) == "<s>user: 1 < 2 & 3</s>"


def test_the_answer_is_asked_for() -> None:
    assert render("{% if add_generation_prompt %}assistant:{% endif %}") == "assistant:"


def test_json_in_templates_is_not_escaped_for_html() -> None:
    assert render("{{ messages[0].content | tojson }}") == '"1 < 2 & 3"'


def test_templates_may_ask_for_the_date() -> None:
    assert render("{{ strftime_now('%Y') }}").isdigit()


def test_what_a_template_refuses_is_the_requests_fault() -> None:
    with pytest.raises(ApiError, match="roles must alternate") as refused:
        render("{{ raise_exception('roles must alternate') }}")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "source",
    [
        "{% for",
        "{{ nothing.here.at.all }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% for i in range(999999999) %}x{% endfor %}",
    ],
)
def test_a_broken_or_hostile_template_is_the_files_fault(source: str) -> None:
    with pytest.raises(ApiError, match="template") as refused:
        render(source)
    assert (refused.value.status, refused.value.code) == (500, "chat_template_broken")


def test_an_answer_that_has_begun_goes_on() -> None:
    template = ChatTemplate(
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}",
        "",
        "",
    )
    begun: list[Message] = [*MESSAGES, {"role": "assistant", "content": "A beginn"}]
    assert template.render(begun) == "<user>1 < 2 & 3</><assistant>A beginn"
