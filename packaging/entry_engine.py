"""Where the installed engine begins; the window starts it as a child."""

import sys

from app.engine.__main__ import main
from app.executables import keep_libraries_to_itself

keep_libraries_to_itself()
sys.exit(main())
