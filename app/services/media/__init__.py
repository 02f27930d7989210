"""Sound inside files: decoding any container, its outline, where to cut, encoding for upload; PyAV, no ffmpeg program.

Everything here blocks and belongs into a thread; long work ends early when its `cancelled` event is set.
"""

from app.services.media.cutting import CutLimits, plan_parts
from app.services.media.decoding import Cancelled, decode, probe_duration
from app.services.media.encoding import EncodedSound, SoundKind, encode, encode_part
from app.services.media.outline import OutlineCache, outline

__all__ = [
    "Cancelled",
    "CutLimits",
    "EncodedSound",
    "OutlineCache",
    "SoundKind",
    "decode",
    "encode",
    "encode_part",
    "outline",
    "plan_parts",
    "probe_duration",
]
