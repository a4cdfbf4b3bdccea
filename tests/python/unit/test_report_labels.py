from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from loader.report import labels
from loader.report.numbers import Fixed
from loader.report.render import NAVIGATION

REPORT = Path(labels.__file__).parent
CALLS = (
    r'\b(?:t|text|label)\(\s*"([a-z_]+\.[a-z_]+)"',
    r'data-t(?:-label)?="([a-z_]+\.[a-z_]+)"',
    r'reportText\("([a-z_]+\.[a-z_]+)"',
    r'm\.nothing\("([a-z_.]+)"',
    r'\(?"((?:col|run|site|mapping|lineage|decisions|batches|class|columns|conflicts|warnings|entities)\.[a-z_]+)"',
    r'"((?:mapping|run|status|accounting|entities)\.[a-z_]+)"',
    r'"(usage\.[a-z_]+)", "usage_',
)
GROUPS = ("page.", "lead.", "entity.", "term.", "class.", "reason.", "who.", "method.", "conflict.", "warning.", "finding.")
MORE_GROUPS = ("layer.", "mode.", "source.", "status.", "theme.", "verdict.", "entities.", "step.", "device.", "weekday.")


def used() -> set[str]:
    found: set[str] = set()
    for path in [*REPORT.rglob("*.jinja"), *REPORT.rglob("*.py"), *REPORT.rglob("*.js")]:
        text = path.read_text(encoding="utf-8")
        for pattern in CALLS:
            found |= set(re.findall(pattern, text))
        found |= set(re.findall(r'm\.table\([^\n]*?, "([a-z_]+\.[a-z_]+)", \[', text))
        for pair in re.findall(r't\("([a-z_.]+)" if [^\n]*? else "([a-z_.]+)"', text):
            found |= set(pair)
    return {key for key in found if not key.endswith((".py", ".js", ".html", ".css", ".json", ".csv"))}


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("language", labels.LANGUAGES)
def test_every_label_has_a_text_in_every_language(language: str) -> None:
    lacking = [key for key, entry in labels.labels().items() if not entry.get(language, "").strip()]
    assert lacking == []


def test_no_label_has_another_language() -> None:
    assert {tuple(sorted(entry)) for entry in labels.labels().values()} == {tuple(sorted(labels.LANGUAGES))}


def test_the_values_in_a_label_are_the_same_in_every_language() -> None:
    differing = {
        key: entry for key, entry in labels.labels().items() if len({frozenset(fields(text)) for text in entry.values()}) != 1
    }
    assert differing == {}


def test_every_label_that_is_used_exists() -> None:
    found = used()
    assert len(found) > 200
    assert sorted(found - labels.labels().keys()) == []


def test_every_label_is_used() -> None:
    grouped = {key for key in labels.labels() if key.startswith(GROUPS + MORE_GROUPS)}
    assert sorted(labels.labels().keys() - used() - grouped) == []


def test_every_page_has_a_name_and_a_sentence() -> None:
    for page in (*NAVIGATION, "columns", "entities"):
        assert {f"page.{page}", f"lead.{page}"} <= labels.labels().keys()


def test_russian_is_in_cyrillic_and_azerbaijani_is_not() -> None:
    cyrillic = re.compile("[а-яё]", re.IGNORECASE)
    same = {"decisions.hash", "layer.", "run.model"}
    for key, entry in labels.labels().items():
        assert not cyrillic.search(entry["az"]), key
        assert key in same or cyrillic.search(entry["ru"]), key


def test_a_label_escapes_its_values() -> None:
    assert "<b>" not in str(labels.label("site.not_built", what="<b>"))


def test_numbers_in_a_label_stay_numbers_for_the_page() -> None:
    assert str(labels.label("card.of", n=510269)) == '<span data-t="card.of" data-v="{&#34;n&#34;: 510269}">of 510,269</span>'
    assert str(labels.label("sql.seconds", n=Fixed(1234.5, 2))).endswith('data-v="{&#34;n&#34;: [1234.5, 2]}">1,234.50 s</span>')
    assert 'data-v="{&#34;what&#34;: &#34;True&#34;}"' in str(labels.label("site.not_built", what=True))
