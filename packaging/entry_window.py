"""Where the installed program begins: the window, or with a command the command line."""

import sys

from app.__main__ import main

sys.exit(main())
