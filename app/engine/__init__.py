"""The built-in engine: another program in the same repository, an OpenAI server on loopback for models on this disk.

It imports nothing else of ours, and nothing else imports it; the window starts it as `python -m app.engine serve`.
"""
