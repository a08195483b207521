"""The sections of a page, a small function each; their order stands in `PAGE_SECTIONS` alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from regional_sim.answers.hypotheses.judged import JudgedHypotheses
from regional_sim.experiment.versions import PACKAGE
from regional_sim.html_report.answer import answer_sentences
from regional_sim.html_report.answers_on_page import (
    claims_section,
    discovery_section,
    responses_section,
    sensitivity_section,
)
from regional_sim.html_report.citation import citation_lines
from regional_sim.html_report.how_made import commands_of
from regional_sim.html_report.page_parts import (
    PageCommands,
    PageFacts,
    PageList,
    PagePart,
    PageSection,
    PageTable,
    PageText,
    one_line,
)
from regional_sim.html_report.pictures import pictures_of
from regional_sim.html_report.report_source import ReportSource
from regional_sim.html_report.settings import settings_parts
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.findings import closing_sentences, findings_introduction, findings_rows
from regional_sim.report.plans import plan_facts
from regional_sim.report.text import bounds, size, unit_text

_MOST_FAILURES: Final = 20
_SAID_ELSEWHERE: Final = frozenset({"experiment", "runs"})


def question(source: ReportSource) -> PageSection | None:
    """What was asked, where the experiment says so."""
    asked = one_line(source.plan.experiment.question)
    return PageSection("question", "The question", (PageText(asked),)) if asked else None


def what_was_run(source: ReportSource) -> PageSection:
    """The world, the points, the postures, and how often each was run."""
    manifest = source.results.manifest
    facts = [
        (name or "prior", one_line(text))
        for name, text in plan_facts(source.plan)
        if name not in _SAID_ELSEWHERE and (name, source.plan.n_points) != ("points", 1)
    ]
    facts.append(("runs", f"{manifest['runs']}, with the engine {source.plan.engine}"))
    if source.claims is not None:
        facts += _of_claims(source.claims)
    return PageSection("run", "What was run", (PageFacts(tuple(facts)),))


def _of_claims(claims: JudgedHypotheses) -> Iterator[tuple[str, str]]:
    """Say what else was run for claims."""
    if claims.points:
        factors = len(claims.experiment.factors)
        out = f", {claims.unstable} of them without a stable start" if claims.unstable else ""
        yield "prior", f"{claims.points} points over {factors} factors{out}"
    yield "for claims", f"{claims.runs} runs of all kinds"


def answer(source: ReportSource) -> PageSection | None:
    """The answer in two sentences."""
    said = answer_sentences(source)
    return PageSection("answer", "The answer", tuple(map(PageText, said))) if said else None


def figures(source: ReportSource) -> PageSection | None:
    """The pictures that suit the folder."""
    drawn = tuple(pictures_of(source))
    return PageSection("figures", "Figures", drawn) if drawn else None


def numbers(source: ReportSource) -> PageSection | None:
    """Means and differences of the metrics on the page."""
    if not source.by_metric:
        return None
    heads, *rows = findings_rows(source.plan, source.by_metric.items())
    caption = "Metrics by posture" if source.plan.n_points == 1 else "Metrics over the points"
    said = [*findings_introduction(source.plan, source.results, source.shown)]
    parts: list[PagePart] = [PageTable(caption, heads, rows), *map(PageText, said[1:])]
    parts += map(PageText, closing_sentences(source.plan, source.results))
    return PageSection("numbers", "The numbers", parts)


def failures(source: ReportSource) -> PageSection | None:
    """The runs that failed, where some did."""
    failed = source.results.failures
    if failed.empty:
        return None
    n_runs = source.results.manifest["runs"]
    said = (
        f"{len(failed)} of {n_runs} runs failed. Means leave them out, and differences the pairs"
        " that they belong to; runs that do not fail may be a selection. Figures that would have to"
        " make runs again are left out."
    )
    kinds = Counter(zip(failed["error"].astype(str), failed["message"].astype(str), strict=True))
    rows = [
        (one_line(error), one_line(said), str(n))
        for (error, said), n in kinds.most_common(_MOST_FAILURES)
    ]
    columns = ("run", "point", "replicate", "posture", "error", "where")
    first = failed.head(_MOST_FAILURES)[list(columns)].itertuples(index=False)
    listed = [tuple(one_line(str(cell)) for cell in row) for row in first]
    caption = "Runs that failed"
    if len(failed) > _MOST_FAILURES:
        caption += f": the first {_MOST_FAILURES}, all are in failures.csv"
    parts = (
        PageText(said),
        PageTable("What went wrong", ("error", "message", "runs"), rows),
        PageTable(caption, columns, listed),
    )
    return PageSection("failures", "Runs that failed", parts)


def settings(source: ReportSource) -> PageSection:
    """What is not as it is by default."""
    heading = "Settings that differ from the default"
    return PageSection("settings", heading, tuple(settings_parts(source)))


def dictionary(source: ReportSource) -> PageSection | None:
    """What the metrics on the page mean."""
    rows = [_meaning(Metric[name]) for name in source.shown.metrics]
    heads = ("metric", "column", "unit", "range", "months", "smallest effect", "meaning")
    caption = "Metrics on this page, as the tables of the result name them"
    return (
        PageSection("metrics", "What the metrics mean", (PageTable(caption, heads, rows),))
        if rows
        else None
    )


def _meaning(metric: Metric) -> tuple[str, ...]:
    allowed = bounds(metric.low, metric.high)
    least = f"{metric.smallest:.3g}{' a month' if metric.combine == 'sum' else ''}"
    unit = unit_text(metric.unit)
    return metric.title, metric.name, unit, allowed, metric.combine, least, metric.meaning


def how_to_reproduce(source: ReportSource) -> PageSection:
    """Commands, versions and digests."""
    made, again = commands_of(source)
    manifest = source.results.manifest
    parts: list[PagePart] = [
        PageText("Run everything again from the folder alone, and compare every cell:"),
        PageCommands(tuple(again)),
    ]
    if made:
        parts += [
            PageText("The same runs without the folder:"),
            PageCommands(tuple(made)),
        ]
    else:
        parts.append(
            PageText(
                "The file plan.json holds the whole question: the world, the postures and every"
                " point."
            )
        )
    parts.append(PageFacts(tuple(_surroundings(source))))
    files = [
        (entry["file"], str(entry.get("rows", "")), size(entry.get("bytes") or 0), entry["sha256"])
        for entry in manifest["tables"].values()
    ]
    parts.append(PageTable("Tables of the result", ("file", "rows", "size", "SHA-256"), files))
    return PageSection("reproduce", "How to reproduce this", parts)


def _surroundings(source: ReportSource) -> Iterator[tuple[str, str]]:
    """Say what made the numbers."""
    manifest, plan = source.results.manifest, source.results.plan
    yield "plan (SHA-256)", str(manifest.get("plan") or "not recorded")
    yield "versions", ", ".join(f"{name} {of}" for name, of in plan["versions"].items())
    for name, digest in plan.get("imports", {}).items():
        yield "policies from", f"{one_line(str(name))}, SHA-256 {digest}"
    platform, git = manifest.get("platform") or {}, manifest.get("git") or {}
    if platform.get("system"):
        yield "system", one_line(f"{platform['system']}, {platform.get('machine', '')}")
    if git.get("commit"):
        changed = ", with changes that were not committed" if git.get("dirty") else ""
        yield "commit", one_line(f"{git['commit']}{changed}")
    if manifest.get("started") and manifest.get("ended"):
        yield "run", f"{_time(manifest['started'])} to {_time(manifest['ended'])}"


def _time(text: object) -> str:
    return one_line(str(text).replace("T", " ").replace("+00:00", " UTC"))


def how_to_cite(source: ReportSource) -> PageSection:
    """The program, and this result."""
    version = str(source.results.plan["versions"].get(PACKAGE, ""))
    digest = str(source.results.manifest.get("plan") or "")
    text, entry = citation_lines(version)
    this = f"Name this result by the digest of its plan: {digest}." if digest else ""
    parts: list[PagePart] = [PageText(text), PageCommands(tuple(entry))]
    return PageSection("cite", "How to cite", (*parts, *([PageText(this)] if this else [])))


def what_is_not_here(source: ReportSource) -> PageSection | None:
    """What this page could tell as well, and the command that makes it."""
    missing = []
    if source.results.folder != source.folder:
        # Its command decides what is run.
        return None
    tables = source.results.tables
    name = source.folder.name
    if source.plan.n_points == 1 and "timeseries" not in tables:
        missing.append("Metrics over time: run it with --tables runs,timeseries.")
    if source.plan.n_points == 1 and "states" not in tables and len(source.labels) > 1:
        missing.append("Who responds: run it with --tables runs,states.")
    if source.plan.experiment.hypotheses and source.claims is None:
        missing.append(f"Verdicts on the claims: regional-sim hypotheses {name}.")
    if source.plan.n_points > 1 and source.sensitivity is None:
        missing.append(
            "What decides the outcome: that takes a sample of 40 to 2048 points, which"
            " regional-sim sensitivity makes for an experiment."
        )
    if not missing:
        return None
    return PageSection("missing", "What this folder does not tell", (PageList(tuple(missing)),))


PAGE_SECTIONS: Final[tuple[Callable[[ReportSource], PageSection | None], ...]] = (
    question,
    what_was_run,
    answer,
    figures,
    numbers,
    claims_section,
    responses_section,
    sensitivity_section,
    discovery_section,
    failures,
    settings,
    dictionary,
    what_is_not_here,
    how_to_reproduce,
    how_to_cite,
)
"""The page from top to bottom; a section that has nothing to say is left out."""
