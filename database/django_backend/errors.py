"""The manager's errors as the ORM raises them: each is the manager's own class and `django.db.OperationalError` at once."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from django.db import OperationalError
from django.db.utils import DatabaseErrorWrapper

from database import errors

_BOTH: dict[type[BaseException], type[BaseException]] = {}


def as_both(error: errors.DatabaseError) -> BaseException:
    """The same error for `except ReadOnlyFallbackError` and for `except django.db.OperationalError`."""
    kind = type(error)
    if kind not in _BOTH:
        _BOTH[kind] = type(kind.__name__, (kind, OperationalError), {"__module__": __name__, "__doc__": kind.__doc__})
    both = _BOTH[kind]
    made = both.__new__(both, *error.args)  # not __init__, which would append the fix once more
    made.__dict__.update(error.__dict__)
    return made


class ErrorWrapper(DatabaseErrorWrapper):  # type: ignore[misc]
    """Django's, which would make a plain `OperationalError` of the manager's."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> Any:
        """Translate."""
        if not isinstance(error, errors.DatabaseError):
            return super().__exit__(kind, error, trace)
        if not isinstance(error, OperationalError):  # else it has been translated further inside
            self.wrapper.errors_occurred = True
            raise as_both(error).with_traceback(trace) from error
        return None
