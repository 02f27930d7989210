"""The doors to microphones and loudspeakers, and the file a recording grows in; decoding files is not done here."""

from app.services.audio.microphone import Capture, Microphone
from app.services.audio.recording_file import RecordingFile, repair
from app.services.audio.sound_system import SoundSystem
from app.services.audio.speaker import Playback, Speaker

__all__ = ["Capture", "Microphone", "Playback", "RecordingFile", "SoundSystem", "Speaker", "repair"]
