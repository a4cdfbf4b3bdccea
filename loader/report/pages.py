"""What stands on each page: the answers of the databases, put in shape for the templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from loader.project import Project
from loader.report import figures, render
from loader.report.artifacts import LastRun
from loader.report.questions import Answer, Questions
from loader.report.tables import as_csv
from loader.report.usage import usage
from loader.report.verdict import verdict
from loader.results import EntityStatus

SAMPLES = 40
"""Rejected rows of one entity and reason that the page shows; the file has all of them."""
MOST = 1000
"""Rows of a table on a page."""
PROMISED = ("students", "staff_members", "course_offerings", "course_enrollments", "assessment_submissions")


class Site:
    """Collects the pages and data files of one report."""

    def __init__(self, questions: Questions, project: Project, run: LastRun) -> None:
        """`run`: the last run of dbt on this database."""
        self.questions = questions
        self.project = project
        self.run = run
        self.files: dict[str, bytes] = {}
        self._pages: dict[str, dict[str, Any]] = {}
        self._made = dt.datetime.now(dt.UTC)

    def add(self, name: str, **values: Any) -> None:
        """Add a page; it is drawn at the end, when all questions are answered."""
        self._pages[name] = values

    def numbers(self) -> None:
        """Ask everything that the pages of numbers show."""
        for add in (
            self._index,
            self._accounting,
            self._rejects,
            self._mapping,
            self._shapes,
            self._findings,
            self._decisions,
            self._batches,
            self._run,
            self._usage,
        ):
            add()

    def finish(self) -> dict[str, bytes]:
        """All files of the report so far: {path: content}."""
        answers = self.questions.answers
        common = {
            "answers": SimpleNamespace(**{name: answer for name, answer in answers.items() if name.isidentifier()}),
            "made": SimpleNamespace(iso=self._made.isoformat(timespec="seconds"), text=self._made.strftime("%Y-%m-%d %H:%M UTC")),
            "batch": self._batch(),
            "where": "lms",
            "run": self.run,
            "tests": self._tests(),
        }
        for name in ("lineage", "columns", "entities"):  # without lineage they say how to get it
            self._pages.setdefault(name, {"layers": (), "live_columns": (), "diagrams": (), "has_docs": False})
        self.add("queries", all=tuple(answers.values()))
        for name, answer in answers.items():
            if answer.rows:
                self.files[f"data/{name}.csv"] = as_csv(answer.rows, tuple(answer.first))
        for name, values in self._pages.items():
            self.files[f"{name}.html"] = render.page(name, **(common | values))
        return self.files

    def _ask(self, *names: str) -> list[Answer]:
        return [self.questions.ask(name) for name in names]

    def _batch(self) -> str | None:
        return next((row["batch_id"] for row in self._published()), None)

    def _published(self) -> list[dict[str, Any]]:
        return [row for row in self.questions.ask("batches").rows if row["published_at"] and not row["undone_at"]]

    def _tests(self) -> SimpleNamespace | None:
        found = [node for node in self.run.of("test") if node.status != "skipped"]
        if not found:
            return None
        return SimpleNamespace(
            passed=sum(node.status == "pass" for node in found),
            parity=sum(node.status == "pass" and node.is_parity for node in found),
            warned=sum(node.status == "warn" for node in found),
            failed=sum(node.has_failed for node in found),
        )

    def _status(self) -> list[dict[str, Any]]:
        rows = [row | {"missing": EntityStatus(**row).missing} for row in self.questions.ask("status").rows]
        return [
            row
            | {
                "bar": figures.status_bar(row),
                "classes_bar": figures.classes_bar(row, row["source_total"]),
            }
            for row in rows
        ]

    def _index(self) -> None:
        self._ask("promises", "last_run", "batches")
        status, failed = self._status(), sum(node.has_failed for node in self.run.nodes)
        said = verdict(
            None if self.questions.ask("status").missing else status, is_published=bool(self._published()), failed=failed
        )
        self.add("index", status=status, promised=[row for row in status if row["entity"] in PROMISED], verdict=said)

    def _accounting(self) -> None:
        _, terms = self._ask("accounting_total", "accounting_terms")
        groups = []
        for entity, found in groupby(terms.rows, key=lambda row: row["entity"]):
            rows = list(found)
            most = max(row["source_total"] for row in rows)
            groups.append({"entity": entity, "rows": [row | {"bar": figures.classes_bar(row, most)} for row in rows]})
        self.add("accounting", status=self._status(), terms=groups)

    def _rejects(self) -> None:
        _, rejects = self._ask("rejects_summary", "rejects")
        samples: list[dict[str, Any]] = []
        for _, found in groupby(rejects.rows, key=lambda row: (row["entity"], row["reason"])):
            samples += list(found)[:SAMPLES]
        self.add("rejects", samples=samples[:MOST])

    def _mapping(self) -> None:
        coverage, *_ = self._ask("term_coverage", "term_sources", "match_methods")
        self.add("mapping", maps=figures.heat_maps(coverage.rows) if coverage.rows else ())

    def _shapes(self) -> None:
        findings, sizes, pairs = self._ask("findings", "section_sizes", "rows_per_pair")
        self.add(
            "shapes",
            implausible=sum(bool(row["is_implausible"]) for row in findings.rows),
            sizes_plot=figures.section_sizes(sizes.rows) if sizes.rows else Markup(),
            pairs_plot=figures.rows_per_pair(pairs.rows) if pairs.rows else Markup(),
            groups=figures.findings(findings.rows),
        )

    def _findings(self) -> None:
        _, conflicts, *_ = self._ask("conflicts_summary", "conflicts", "exempt_rows", "warnings_summary", "warnings")
        self.add("findings", conflict_samples=conflicts.rows[:MOST])

    def _decisions(self) -> None:
        (recorded,) = self._ask("decisions_in_force")
        by_kind = {kind: [row for row in recorded.rows if row["kind"] == kind] for kind in ("var", "seed")}
        self.add("decisions", settings=by_kind["var"], files=by_kind["seed"])

    def _batches(self) -> None:
        self._ask("batches", "batch_differences", "load_differences")
        pair = self._published()[:2]
        self.add("batches", batch_pair=pair, decision_changes=_changed(pair))

    def _usage(self) -> None:
        self.add("usage", **usage(self.questions))

    def _run(self) -> None:
        load, publication, _ = self._ask("load", "publication", "dbt_invocations")
        load_seconds = [row["seconds"] for row in load.rows]
        publish_seconds = [row["seconds"] or 0.0 for row in publication.rows]
        steps = [("run.load", sum(load_seconds)), ("run.whole_dbt", self.run.seconds), ("run.publication", sum(publish_seconds))]
        nodes = [*self.run.of("model"), *self.run.of("seed")]
        nodes.sort(key=lambda node: -node.seconds)
        rows = [{"name": node.name, "what": node.what, "status": node.status, "seconds": node.seconds} for node in self.run.nodes]
        if rows:
            self.files["data/dbt_nodes.csv"] = as_csv(rows, tuple(rows[0]))
        self.add(
            "run",
            steps=[step for step in steps if step[1]],
            load_most=max(load_seconds, default=0.0),
            publication_most=max(publish_seconds, default=0.0),
            nodes=nodes,
            checks=self.run.of("test"),
        )


def _changed(pair: Iterable[Mapping[str, Any]]) -> list[tuple[str, Any, Any]]:
    """Decisions that the last batch was made under and the one before was not: name, was, is."""
    now, *earlier = [row["decisions"] for row in pair] if pair else [{}]
    if not earlier:
        return []
    before = earlier[0]
    names = sorted(now.keys() | before.keys())
    return [(name, before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)]
