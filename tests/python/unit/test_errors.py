from __future__ import annotations

import inspect
import string

import pytest

from loader import errors

CLASSES = [entry for _, entry in inspect.getmembers(errors, inspect.isclass) if issubclass(entry, errors.Edu2lmsError)]


@pytest.mark.parametrize("error_class", CLASSES)
def test_every_error_says_what_to_do(error_class: type[errors.Edu2lmsError]) -> None:
    templates = (inspect.cleandoc(error_class.__doc__ or ""), error_class.remedy)
    fields = {field for text in templates for _, field, _, _ in string.Formatter().parse(text) if field}
    error = error_class(**{name: 1 if name in {"seconds", "attempts"} else f"<{name}>" for name in fields})
    assert error.message
    assert error.fix
    assert error.exit_code in {1, 2, 3, 4}
    assert error.as_dict()["error"]["message"] == error.message  # type: ignore[index]
    assert "{" not in error.message.replace("{max_rejected", "")
