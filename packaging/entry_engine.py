"""Where the installed engine begins; the window starts it as a child."""

import sys

from app.engine.__main__ import main

sys.exit(main())
