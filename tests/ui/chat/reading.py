"""What stands in the transcript, near the view or not."""

from __future__ import annotations

from app.ui.chat.transcript import Transcript


def text_of(transcript: Transcript, message_id: int) -> str:
    """The text of a message as it is by now: what has just arrived is drawn first.

    Raises:
        KeyError: there is no such message.
    """
    transcript.stream.due.emit()
    return transcript.rows[transcript.rows.place(message_id)].text
