"""`mappings check --database` where only a part can be asked: what could not be looked up is said, and the rest is checked."""

from __future__ import annotations

import json

import pytest
from demo_servers import DemoServers

from loader.cli import main
from loader.mappings.live import NO_EDU, NO_MODELS


def test_before_prepare_and_run_only_lms_is_asked(
    in_demo: DemoServers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LMS_USER", in_demo.env["LMS_ADMIN_USER"])
    monkeypatch.setenv("LMS_PASSWORD", in_demo.env["LMS_ADMIN_PASSWORD"])
    assert main(["mappings", "check", "--database", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["notes"] == [NO_EDU, NO_MODELS]
    assert document["ok"] is True
    for verb in ("suggest", "coverage"):
        assert main(["mappings", verb, "--json"]) == 1
        assert "edu2lms run" in json.loads(capsys.readouterr().out)["error"]["fix"]


def test_after_prepare_edu_is_asked_as_well(in_demo: DemoServers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare"]) == 0
    capsys.readouterr()
    assert main(["mappings", "check", "--database", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == [NO_MODELS]
    assert in_demo.env["LMS_USER"]
