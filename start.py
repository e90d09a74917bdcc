#!/usr/bin/env python3
"""Set up ML Systems Explorer beside this file on first use, then start it.

    python3 start.py                    the application
    python3 start.py COMMAND ...        one of its commands, for example: listen FILE --json
    python3 start.py test ...           the tests; further words go to pytest
    python3 start.py pack DIR           fill DIR with all that an installation on such a machine needs
    python3 start.py --from DIR ...     install from such a DIR, without a network; then as above

Needs CPython 3.11 or newer and nothing else. All goes into .venv beside this file; delete .venv to remove it.
"""

import sys

# Before any line that an old Python could not run; this file has no syntax that Python 2.7 lacks.
if sys.version_info < (3, 11):
    sys.exit(
        "start.py: Python 3.11 or newer is needed and this is %d.%d (%s); get one from https://www.python.org"
        " and start this file with it" % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

import signal

from bootstrap.main import main

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends a running pip too, like Ctrl+C
    sys.exit(main(sys.argv[1:], __doc__ or ""))
