import asyncio
import io

from hypothesis import given
from hypothesis import strategies as st

from app.engine.images.frames import Frame, read_frame, receive_frame

FRAMES = st.lists(
    st.builds(Frame, st.dictionaries(st.text(max_size=5).filter(lambda key: key != "bytes"), st.text()), st.binary())
)


@given(FRAMES)
def test_frames_survive_a_pipe(frames: list[Frame]) -> None:
    stream = io.BytesIO(b"".join(frame.encode() for frame in frames))
    assert list(iter(lambda: read_frame(stream), None)) == frames


@given(FRAMES, st.integers(1, 200))
def test_a_line_that_breaks_off_gives_the_whole_frames_before(frames: list[Frame], missing: int) -> None:
    data = b"".join(frame.encode() for frame in frames)
    whole = received(data[:-missing])
    assert whole == frames[: len(whole)]
    assert len(whole) < len(frames) or not frames


def received(data: bytes) -> list[Frame]:
    async def receive() -> list[Frame]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        frames = []
        while (frame := await receive_frame(reader)) is not None:
            frames.append(frame)
        return frames

    return asyncio.run(receive())
