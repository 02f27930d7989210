"""Writes how a picture was made into its file, and reads it back; pixels are never touched.

PNG carries iTXt chunks (PNG specification, 11.3.4.5), JPEG and WebP an XMP packet (ISO 16684-1; WebP container
specification). Other programs find the prompt in the usual place: `Description` and `dc:description`.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import msgspec

from app.identity import NAME, VERSION
from app.model.errors import UnreadableFile
from app.model.images import PictureNote
from app.services.pictures.files import media_type_of
from app.services.pictures.reading import picture_size

_NAMESPACE = "https://triptych.example/ns/picture/1/"
_MAX_NOTE_BYTES = 1 << 20
_LARGEST_FILE_BYTES = 512 << 20

_PNG_KEY = b"Triptych"
_PNG_SIGNATURE = 8
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_SEGMENT_BYTES = 0xFFFF - 2 - len(_JPEG_XMP)
_WEBP_XMP_FLAG, _WEBP_ALPHA_FLAG = 0x04, 0x10
_XMP_NOTE = re.compile(rb'note="([A-Za-z0-9+/=]*)"')


def embed(data: bytes, note: PictureNote) -> bytes:
    """`data` with `note` inside, a note that was there before replaced; other formats come back as they are.

    A prompt too long for a JPEG (its metadata is limited to 64 KB) is shortened there.

    Raises:
        UnreadableFile: `data` is damaged.
    """
    write = _WRITERS.get(media_type_of(data))
    if write is None:
        return data
    try:
        return write(data, note)
    except (struct.error, IndexError) as error:
        raise UnreadableFile(name="", expected="") from error


def read_embedded(source: bytes | Path) -> PictureNote | None:
    """The note in a picture file of ours; None for every other file, damaged ones included."""
    try:
        data = source if isinstance(source, bytes) else _content(source)
        read = _READERS.get(media_type_of(data))
        packed = read(data) if read is not None else None
        return msgspec.json.decode(packed, type=PictureNote) if packed else None
    except (OSError, struct.error, IndexError, ValueError, zlib.error, msgspec.MsgspecError):
        return None  # a stranger's file may look nearly like ours


def _content(path: Path) -> bytes:
    """All of a file; nothing of what is no ordinary file, or larger than any picture of ours."""
    return path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST_FILE_BYTES else b""


def _to_json(note: PictureNote) -> bytes:
    # Text from an input method may hold half a surrogate pair, which no encoding takes.
    speakable = {key: getattr(note, key).encode("utf-8", "replace").decode() for key in ("prompt", "revised_prompt")}
    return msgspec.json.encode(replace(note, **speakable))


def _write_png(data: bytes, note: PictureNote) -> bytes:
    texts = {_PNG_KEY: _to_json(note), b"Software": f"{NAME} {VERSION}".encode()}
    if note.prompt:
        texts[b"Description"] = note.prompt.encode("utf-8", "replace").replace(b"\0", b"")
    chunks = [_png_chunk(b"iTXt", key + b"\0\0\0\0\0" + text) for key, text in texts.items()]
    kept = [
        data[start:end] for kind, start, end in _png_chunks(data) if not _is_ours(kind, data[start + 8 : end], texts)
    ]
    return b"".join([data[:_PNG_SIGNATURE], kept[0], *chunks, *kept[1:]])


def _read_png(data: bytes) -> bytes | None:
    for kind, start, end in _png_chunks(data):
        content = data[start + 8 : end - 4]
        if kind == b"iTXt" and content.startswith(_PNG_KEY + b"\0"):
            return content[len(_PNG_KEY) + 5 :]
    return None


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of every chunk; what follows the last one is left out."""
    position = _PNG_SIGNATURE
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        yield kind, position, end
        if kind == b"IEND":
            return
        position = end


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _is_ours(kind: bytes, content: bytes, keys: dict[bytes, bytes]) -> bool:
    return kind == b"iTXt" and content.split(b"\0", 1)[0] in keys


def _write_jpeg(data: bytes, note: PictureNote) -> bytes:
    packet = _xmp(note)
    while len(packet) > _JPEG_SEGMENT_BYTES:
        note = replace(note, prompt=note.prompt[: len(note.prompt) // 2], revised_prompt="")
        packet = _xmp(note)
    content = _JPEG_XMP + packet
    segment = b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
    kept = [data[start:end] for start, end in _jpeg_segments(data) if not data.startswith(_JPEG_XMP, start + 4)]
    # JFIF wants its own segment first.
    first = 1 if kept and kept[0][1] == 0xE0 else 0
    rest = data[max((end for _, end in _jpeg_segments(data)), default=2) :]
    return b"".join([data[:2], *kept[:first], segment, *kept[first:], rest])


def _read_jpeg(data: bytes) -> bytes | None:
    packets = (data[start:end] for start, end in _jpeg_segments(data) if data.startswith(_JPEG_XMP, start + 4))
    return next((found for packet in packets if (found := _note_in_xmp(packet))), None)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the application and comment segments at the beginning (ITU-T T.81, B.1.1.4)."""
    position = 2
    while data[position] == 0xFF and (0xE0 <= data[position + 1] <= 0xEF or data[position + 1] == 0xFE):
        (length,) = struct.unpack_from(">H", data, position + 2)
        yield position, position + 2 + length
        position += 2 + length


def _write_webp(data: bytes, note: PictureNote) -> bytes:
    chunks = [(kind, content) for kind, content in _webp_chunks(data) if kind != b"XMP "]
    if chunks[0][0] == b"VP8X":
        header = bytearray(chunks.pop(0)[1])
    else:
        width, height = picture_size(data)
        header = bytearray(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        # Bit 28 of a lossless stream tells whether its alpha is used (RFC 9649, 3.4).
        header[0] = _WEBP_ALPHA_FLAG if chunks[0][0] == b"VP8L" and chunks[0][1][4] & 0x10 else 0
    header[0] |= _WEBP_XMP_FLAG
    body = b"".join(_webp_chunk(*chunk) for chunk in [(b"VP8X", bytes(header)), *chunks, (b"XMP ", _xmp(note))])
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _read_webp(data: bytes) -> bytes | None:
    return next((_note_in_xmp(content) for kind, content in _webp_chunks(data) if kind == b"XMP "), None)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        yield kind, data[position + 8 : position + 8 + length]
        position += 8 + length + (length & 1)


def _webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)


def _xmp(note: PictureNote) -> bytes:
    """A packet with the prompt for everyone and the whole note, packed so that no escaping can change it."""
    packed = base64.b64encode(zlib.compress(_to_json(note), 9)).decode("ascii")
    prompt = escape("".join(sign for sign in note.prompt[:2000] if sign.isprintable() or sign in "\n\t"))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="{_NAMESPACE}" '
        f't:note="{packed}"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">{prompt}</rdf:li></rdf:Alt>'
        '</dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode("utf-8", "replace")


def _note_in_xmp(packet: bytes) -> bytes | None:
    found = _XMP_NOTE.search(packet)
    if found is None or _NAMESPACE.encode() not in packet:
        return None
    return zlib.decompressobj().decompress(base64.b64decode(found[1]), _MAX_NOTE_BYTES)


_WRITERS: dict[str, Callable[[bytes, PictureNote], bytes]] = {
    "image/png": _write_png,
    "image/jpeg": _write_jpeg,
    "image/webp": _write_webp,
}
_READERS: dict[str, Callable[[bytes], bytes | None]] = {
    "image/png": _read_png,
    "image/jpeg": _read_jpeg,
    "image/webp": _read_webp,
}
