"""Marks text that the user interface translates when it draws it; the marking itself changes nothing."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Return `text` unchanged; pyside6-lupdate collects it under `context`."""
    return text
