"""Measurements. Every goal is a ratio of two things measured in one run on one machine; nothing here promises a time.

python -m tests.bench --help
"""

import sys
from pathlib import Path

# the databases, the recorded build and the simulated application of the acceptance tests
_TESTS = Path(__file__).resolve().parents[1] / "python"
for _folder in (_TESTS, _TESTS / "acceptance", _TESTS / "acceptance" / "properties"):
    sys.path.append(str(_folder))
