"""Build the documentation site: `make docs`, or ``python site/build.py``.

The pages in ``docs/`` are written to be read on their own.  For the site they are copied beside
the README, with links to files outside of ``docs/`` turned into names of these files, and with
two pages made here: the functions of the package, and the help of every command.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer

import regional_sim
from regional_sim.cli.app import app

ROOT: Final = Path(__file__).resolve().parent.parent
BUILD: Final = ROOT / "build" / "site"
PAGES: Final = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages outside of ``docs/``, and what they are called on the site."""

SECTIONS: Final = {
    "Start": ("quick_start", "tutorial", "cookbook", "faq", "glossary", "readme"),
    "Use": (
        "commands",
        "figures",
        "report",
        "trace_a_run",
        "dashboard",
        "python",
        "sweeps",
        "designs",
        "comparing_results",
        "reproducing",
        "clusters",
        "bridges",
        "solara",
    ),
    "Answers": (
        "answers",
        "hypotheses",
        "sensitivity",
        "discovery",
        "posterior",
        "policy_search",
        "skill",
        "motives",
    ),
    "Model": ("odd_summary", "odd", "parameters", "metrics", "references"),
    "Evidence": ("evidence", "validation", "trace", "performance"),
    "Change it": (
        "how_to_add_a_state",
        "how_to_add_a_posture",
        "how_to_add_a_mechanism",
        "how_to_add_a_response",
        "how_to_add_a_metric",
        "how_to_add_a_design",
        "architecture",
        "internals",
        "contributing",
        "changelog",
    ),
}
"""The pages of the site, in order.  One that is missing here stops the build."""

_OUTSIDE: Final = re.compile(r"\[([^\]]+)\]\((?:\.\./)?([^)#:]+)(#[^)]*)?\)")
_DIAGRAM: Final = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)


def main() -> int:
    """Build the site, and return the exit code of Sphinx, for which warnings are errors."""
    source = BUILD / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "docs", source)
    for name in ("conf.py", "index.md", "static"):
        _copy(ROOT / "site" / name, source / name)
    for outside, inside in PAGES.items():
        text = (ROOT / outside).read_text(encoding="utf-8").replace("](docs/", "](")
        (source / inside).write_text(text, encoding="utf-8")
    for page in source.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(with_diagrams(with_links(text, source)), encoding="utf-8")
    for section, pages in SECTIONS.items():
        lines = [f"# {section}", "", "```{toctree}", ":maxdepth: 1", "", *pages, "```", ""]
        (source / _section_file(section)).write_text("\n".join(lines), encoding="utf-8")
    with (source / "index.md").open("a", encoding="utf-8") as index:
        names = [_section_file(section).removesuffix(".md") for section in SECTIONS]
        index.write("\n".join(["", "```{toctree}", ":hidden:", "", *names, "```", ""]))
    (source / "python.md").write_text(_functions(), encoding="utf-8")
    (source / "commands.md").write_text("\n".join(_commands()), encoding="utf-8")
    command = (sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html")
    # Frozen modules make the debugger of the kernel warn.
    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run([*command, source, BUILD / "html"], check=False, env=environment)
    if not done.returncode:
        print(f"Written to {(BUILD / 'html').relative_to(ROOT)}: open index.html")
    return done.returncode


def with_links(text: str, source: Path) -> str:
    """Turn links to files that the site does not have into their names."""

    def linked(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        target = PAGES.get(target, target)
        if (source / target).is_file() or target in {"python.md", "commands.md"}:
            # On the site a page is called by its title.
            return f"[{'' if words == found[2] else words}]({target}{anchor})"
        return words if target in words or "`" in words else f"{words} (`{target}`)"

    return _OUTSIDE.sub(linked, text)


def with_diagrams(text: str) -> str:
    """Show diagrams, which are source text to whoever reads the page elsewhere, as pictures."""
    return _DIAGRAM.sub(lambda found: f"![Diagram](diagrams/{diagram_name(found[1])})", text)


def diagrams_of(docs: Path) -> list[str]:
    """Return the text of every diagram in a folder of pages."""
    return [
        text
        for page in sorted(docs.glob("*.md"))
        for text in _DIAGRAM.findall(page.read_text(encoding="utf-8"))
    ]


def diagram_name(diagram: str) -> str:
    """Return the file of a diagram: the digest of its text, so that no old picture is shown."""
    return f"{hashlib.sha256(diagram.encode()).hexdigest()[:12]}.svg"


def _section_file(section: str) -> str:
    return f"section_{section.lower().replace(' ', '_')}.md"


def _copy(given: Path, copy: Path) -> None:
    if given.is_dir():
        shutil.copytree(given, copy)
    else:
        shutil.copyfile(given, copy)


def _functions() -> str:
    """Return the page of what the package offers in Python, from its docstrings."""
    lines = ["# From Python", "", "What `import regional_sim` offers.", ""]
    for name in sorted(set(regional_sim.__all__) - {"__version__"}, key=str.lower):
        kind = "autoclass" if isinstance(getattr(regional_sim, name), type) else "autofunction"
        members = [":members:"] if kind == "autoclass" else []
        lines += [f"## {name}", "", "```{eval-rst}", f".. {kind}:: regional_sim.{name}"]
        lines += [f"   {one}" for one in members] + ["```", ""]
    return "\n".join(lines)


def _commands() -> Iterator[str]:
    """Yield the page of commands, with the help that each one prints."""
    yield "# Commands\n"
    yield "What `regional-sim COMMAND --help` prints.\n"
    program = typer.main.get_command(app)
    for name in getattr(program, "commands", {}):
        yield f"## {name}\n\n```text"
        yield _help(name)
        yield "```\n"


def _help(command: str) -> str:
    """Return the help of a command, as a terminal of 88 columns shows it."""
    call = (sys.executable, "-m", "regional_sim", command, "--help")
    environment = {**os.environ, "COLUMNS": "88", "TERM": "dumb"}
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


if __name__ == "__main__":
    with contextlib.chdir(ROOT):
        sys.exit(main())
