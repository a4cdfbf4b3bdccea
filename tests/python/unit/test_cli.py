from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from loader.cli import main

VERBS = ["demo", "check", "prepare", "load", "run", "status", "report"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_an_example_and_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Example: edu2lms {verb}" in text
    assert "--json" in text


def test_help_lists_the_verbs_that_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {verb} " in text for verb in VERBS)
    assert "130 interrupted" in text.replace("\n  ", " ")


def test_the_verbs_of_the_fallback_have_help_and_name_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb in ("publish", "verify"):
        assert main(["fallback", verb, "--help"]) == 0
        text = capsys.readouterr().out
        assert f"Example: edu2lms fallback {verb}" in text
        assert "--json" in text
    assert main(["fallback", "publish", "--json"]) == 2
    assert "EDU_ADMIN_USER" in json.loads(capsys.readouterr().out)["error"]["message"]
    monkeypatch.setenv("EDU_ADMIN_USER", "owner")
    monkeypatch.setenv("LMS_HOST", "/nowhere/at all")
    assert main(["fallback", "publish", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["fix"]


@pytest.mark.parametrize("line", ["", "nonsense", "load --nonsense", "run --courses -1", "demo --scale x"])
def test_wrong_usage_is_2(line: str) -> None:
    assert main(line.split()) == 2


@pytest.mark.parametrize("verb", VERBS[1:])
def test_no_server_is_3_or_2_and_the_error_is_one_json_document(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_HOST", "/nowhere/at all")
    monkeypatch.setenv("EDU_HOST", "/nowhere/at all")
    monkeypatch.setenv("LMS_PASSWORD", "do-not-print-me")
    code = main([verb, "--json"])
    out = capsys.readouterr()
    document = json.loads(out.out)
    assert "do-not-print-me" not in out.out + out.err
    if verb == "prepare":  # the admins are not named
        assert code == 2
        assert "EDU_ADMIN_USER" in document["error"]["message"]
    elif verb == "check":
        assert code == 3
        assert document["ok"] is False
    else:
        assert code == 3
        assert "/nowhere/at all" in document["error"]["message"]
        assert document["error"]["fix"]


def test_an_unknown_table_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "--table", "grades"]) == 2
    text = capsys.readouterr().err
    assert "Unknown source table: grades." in text
    assert "Fix: choose from the declared tables: accounts, users," in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{a: [}", "line 1, column 6"),
        ("just words", "not a mapping"),
        ("[1]", "not a mapping"),
        ("{publish: true}", "use --publish"),
        ("{1: 2}", "not text"),
    ],
)
def test_unreadable_vars_are_2_and_named(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--vars", text]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_with_130(number: signal.Signals) -> None:
    program = (
        "import sys, os, loader.cli as cli\n"
        f"cli.read_status = lambda settings: os.kill(os.getpid(), {int(number)})\n"
        "sys.exit(cli.main(['status']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130
    assert "Interrupted." in done.stderr
