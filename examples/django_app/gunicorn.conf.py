"""gunicorn -c examples/django_app/gunicorn.conf.py, from the root of the repository."""

import gc
import os
from typing import Any

wsgi_app = "examples.django_app.wsgi:application"
bind = os.environ.get("BIND", "127.0.0.1:8001")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# the code is loaded once; each worker opens connections of its own, those of the parent are left alone
preload_app = True


def pre_fork(server: Any, worker: Any) -> None:
    """What is there now stays: no worker need look through all of it for garbage, and write to memory that it shares by that."""
    del server, worker
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    """Write what the audit still holds, and give the connections back in peace."""
    from database.audit.recorder import get_recorder
    from database.connection_manager import get_db_manager

    del server, worker
    get_recorder().close()
    get_db_manager().close_all()
