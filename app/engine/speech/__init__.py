"""Speech to text with whisper.cpp: decoding of sound, detection of speech, transcripts in every format."""
