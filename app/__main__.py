"""`python -m app` and `triptych`: the window, or with a command (ask, transcribe, draw, models) the command line."""

from __future__ import annotations

import sys

COMMANDS = ("ask", "transcribe", "draw", "models")


def main() -> int:
    """Run what the arguments ask for and return its exit code."""
    arguments = sys.argv[1:]
    words = [argument for argument in arguments if not argument.startswith("-")]
    # `--data-dir FOLDER ask …`: the folder comes before the command.
    if (words[:1] and words[0] in COMMANDS) or (len(words) > 1 and "--data-dir" in arguments and words[1] in COMMANDS):
        from app import cli

        return cli.main(arguments)
    from app.arguments import parsed

    options = parsed(arguments)  # before Qt is loaded: what only asks for words gets them at once
    from app import main as window_program

    return window_program.run(options)


if __name__ == "__main__":
    sys.exit(main())
