"""Files with everything in them: our own exports, written and read, and those of ChatGPT, read; all of it blocks.

What comes from elsewhere is not trusted: names lead nowhere, sizes and depths have limits, and what does not fit is
refused with `ImportRefused` before anything is changed.
"""
