"""Where the installed program begins: the window, or with a command the command line."""

import sys

from app.__main__ import main
from app.executables import keep_libraries_to_itself

keep_libraries_to_itself()
sys.exit(main())
