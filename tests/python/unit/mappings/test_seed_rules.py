from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from loader.errors import SeedRulesError
from loader.mappings import check_files
from loader.mappings.rules import SeedRule, read_rules
from loader.project import Project

ROOT = Project.find().root
RULES = {rule.name: rule for rule in read_rules(ROOT)}


def sql(*folders: str) -> str:
    """All SQL of some folders."""
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted((ROOT / folder).rglob("*.sql")))


def test_the_projects_own_seeds_are_sound() -> None:
    result = check_files(ROOT)
    assert result.findings == ()
    assert result.ok
    assert result.files == len(list((ROOT / "seeds").glob("*.csv")))
    assert "--database" in result.notes[0]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_column_of_every_file_has_a_rule(rule: SeedRule) -> None:
    with (ROOT / rule.file).open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == rule.header
    assert set(rule.key) <= set(rule.header)
    assert set(rule.order_by) <= set(rule.header)


def test_the_known_reasons_are_those_that_the_models_give() -> None:
    text = sql("models/classified", "models/mapping", "models/matching")
    known = RULES["reject_reasons"].known
    assert [reason for reason in known if f"'{reason}'" not in text] == []


def test_the_known_conflicts_are_those_that_the_publication_finds() -> None:
    text = sql("models/publish", "macros")
    assert [kind for kind in RULES["conflict_kinds"].known if f"'{kind}'" not in text] == []


def test_the_known_settings_are_those_that_the_models_read() -> None:
    used = set(re.findall(r"setting = '(\w+)'", sql("models", "macros"))) | {"unique_text_bytes"}
    assert set(RULES["defaults"].known) == used


def test_the_allowed_findings_are_those_that_are_measured() -> None:
    text = (ROOT / "models/reconciliation/distribution_findings.sql").read_text(encoding="utf-8")
    assert [finding for finding in RULES["finding_limits"].known if f"'{finding}'" not in text] == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: "seeds: [", "flow"),
        (lambda text: text.replace("type: academic_year", "type: year", 1), "type year"),
        (lambda text: text.replace("config: {meta: {type: academic_year}}", "", 1), "'config'"),
        (lambda text: re.sub(r"- unique: \{.*\}", "", text), "key of"),
    ],
)
def test_broken_rules_are_explained(change: Callable[[str], str], reason: str, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    text = (ROOT / "seeds/_seeds.yml").read_text(encoding="utf-8")
    (tmp_path / "seeds/_seeds.yml").write_text(change(text), encoding="utf-8")
    with pytest.raises(SeedRulesError) as caught:
        check_files(tmp_path)
    assert reason in caught.value.message


def test_missing_rules_are_explained(tmp_path: Path) -> None:
    with pytest.raises(SeedRulesError, match="No such file"):
        check_files(tmp_path)


def test_the_check_runs_before_every_commit_and_in_the_gate() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    (hook,) = (hook for hook in hooks if hook["id"] == "seeds")
    assert hook["entry"].endswith("edu2lms mappings check")
    assert re.match(hook["files"], "seeds/term_mapping.csv")
    lint = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlint:")[1].split("\n\n")[0]
    assert "edu2lms mappings check" in lint
    assert "make lint" in (ROOT / ".ci/run").read_text(encoding="utf-8")
