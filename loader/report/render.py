"""Pages from templates, with the numbers and words of the report."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from loader.report import labels, plots

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


def thousands(value: float) -> str:
    """510,269. Inside sentences; numbers on their own follow the language of the page, by `number`."""
    return f"{value:,}"


def number(value: float | None) -> Markup:
    """A number that the page can write as its language does; without one a dash."""
    if value is None:
        return Markup("–")
    return Markup('<data value="{}">{}</data>').format(value, thousands(value))


def share_text(share: float | None) -> str:
    """A share in per cent; never rounded up to 100 %."""
    if share is None:
        return "–"
    return "100 %" if share >= 1 else f"{min(share * 100, 99.9):.1f} %"


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
        "n": number,
        "thousands": thousands,
        "bar": plots.bar,
    }
    environment.globals["m"] = environment.get_template("macros.html.jinja").module
    return environment
