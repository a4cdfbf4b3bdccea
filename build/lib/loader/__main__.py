"""`python -m loader` is the same as `edu2lms`."""

from __future__ import annotations

import sys

from loader.cli import main

if __name__ == "__main__":
    sys.exit(main())
