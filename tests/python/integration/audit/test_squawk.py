"""squawk reads what `prepare` would run in lms: on an lms without a log, and on one with the older one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_world import WITHOUT_LOG
from demo_servers import DemoServers

from loader.audit import plan_audit
from loader.connection import connected
from loader.project import Project

SQUAWK = Path(sys.executable).with_name("squawk")


def squawk(text: str) -> subprocess.CompletedProcess[str]:
    """What squawk says of a script, by the project's configuration."""
    command = [str(SQUAWK), "--config", str(Project.find().root / ".squawk.toml")]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("setup", ["", WITHOUT_LOG], ids=["older", "fresh"])
def test_what_prepare_runs_is_safe_on_a_live_database(older_copy: Callable[..., DemoServers], setup: str) -> None:
    demo = older_copy(setup)
    with connected(demo.settings, "lms", demo.settings.lms_admin) as admin:
        steps = plan_audit(demo.settings, admin).steps
        texts = [[statement.as_string(admin).rstrip().rstrip(";") for statement in step.statements] for step in steps]
    script = ""
    for step, statements in zip(steps, texts, strict=True):
        # as `prepare` runs them: several statements are one transaction, unless they build an index
        together = len(statements) > 1 and not step.builds_index
        script += ";\n".join([*(["begin"] if together else []), *statements, *(["commit"] if together else [])]) + ";\n"
    assert script.count(";\n") > 100
    done = squawk(script)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    "statement",
    ["create index i on public.users (email);", "alter table public.users alter column email set not null;"],
)
def test_squawk_rings(statement: str) -> None:
    assert squawk(statement).returncode != 0
