"""For gunicorn, as the examples do."""

from __future__ import annotations

import gc
from typing import Any


def post_worker_init(worker: Any) -> None:
    """The application is there, and stays: Python need not look through all of it for garbage again and again."""
    del worker
    gc.collect()
    gc.freeze()
