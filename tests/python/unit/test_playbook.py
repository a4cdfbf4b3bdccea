"""The playbook's times are those that docs/performance.md holds, and no others."""

from __future__ import annotations

import re

import pytest

from loader.project import Project

ROOT = Project.find().root
PLAYBOOK = (ROOT / "PLAYBOOK.md").read_text(encoding="utf-8")
PERFORMANCE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
NUMBER = r"([0-9.]+)"

# what the playbook says, where it is measured
TIMES = {
    "the run that publishes": (rf"about {NUMBER} s; of it", rf"\| scale 1 \| 842,502 \| {NUMBER} \|"),
    "its transaction": (
        rf"of it {NUMBER} s in the one transaction",
        rf"\| scale 1 \| 842,502 \|(?: {NUMBER} \|){{6}}",
    ),
    "verify": (rf"about {NUMBER} s for `verify`", rf"\| edu2lms verify \| {NUMBER} \|"),
    "fallback publish": (
        rf"about {NUMBER} s for `fallback publish`",
        rf"`edu2lms fallback publish`, the whole command with its proof: {NUMBER} s",
    ),
    "nothing to do": (rf"nothing to do takes about {NUMBER} s", rf"\| second run, nothing to do \| {NUMBER} \|"),
}


@pytest.mark.parametrize("name", TIMES)
def test_a_time_is_the_measured_one(name: str) -> None:
    said, measured = TIMES[name]
    (there,) = re.findall(said, PLAYBOOK)
    (found,) = re.findall(measured, PERFORMANCE)
    assert float(there) == pytest.approx(float(found), rel=0.25), f"correct PLAYBOOK.md: {found} s are measured"


def test_no_other_time_is_told() -> None:
    told = re.findall(rf"\b{NUMBER} (?:s|sec|seconds|min|minutes)\b", PLAYBOOK)
    limits = ["5", "2"]  # lock_timeout, and within what the fallback must be there
    assert len(told) == len(TIMES) + len(limits), told
    assert not re.search(r"\b(?:half a|two|three) minutes?\b", PLAYBOOK)
