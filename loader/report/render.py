"""Pages from templates, with the numbers and words of the report."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from loader.report import labels, numbers, plots

NAVIGATION = (
    "index",
    "accounting",
    "rejects",
    "mapping",
    "shapes",
    "findings",
    "decisions",
    "batches",
    "run",
    "usage",
    "lineage",
    "queries",
)
"""The pages in the order in which they are offered; `columns` and `entities` stand below `lineage`."""


def page(name: str, **values: Any) -> bytes:
    """One page."""
    template = _environment().get_template(f"{name}.html.jinja")
    return template.render(page=name, navigation=NAVIGATION, **values).encode()


@cache
def _environment() -> Environment:
    with as_file(files("loader") / "report" / "templates") as folder:
        environment = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
    environment.globals |= {
        "t": labels.label,
        "text": labels.text,
        "named": labels.named,
        "known": lambda key: key in labels.labels(),
        "n": numbers.number,
        "measured": numbers.measured,
        "share": numbers.share,
        "fixed": numbers.Fixed,
        "bar": plots.bar,
    }
    environment.globals["m"] = environment.get_template("macros.html.jinja").module
    return environment
