"""Triptych: chat, images and audio with OpenAI's API, every server that speaks it, or the engine inside."""
