"""Run the shipped questions and write ``docs/validation.md``: ``make science``.

Each step is a command of ``regional-sim``, with its results in a folder of its own.  A step that is
done is not run again unless the package, a world or an experiment has changed since; one that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.science.steps import Step, steps

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = "validation.md"
COLUMNS = "100"
LARGEST_PICTURE = 600_000

INTRODUCTION = """\
# Validation: what the shipped questions give

Written by `make science` (`experiments/science/`), which runs the commands below. They took
{minutes} on two cores of the machine that wrote this page, which had other work as well. Steps that
are done are not run again.
What each command does, and how to read what it prints, is in [answers](answers.md); what has to
hold of the model at all, in [evidence](evidence.md); what may be leaned on, in [TRACE](trace.md).
All tables are in the folders that the commands write.
"""


@dataclass(frozen=True)
class Done:
    """What a step printed, and how long it took."""

    step: Step
    printed: str
    seconds: float


def main() -> int:
    """Run what is not done yet, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m experiments.science")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "science", help="folder")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of the page")
    parser.add_argument("--data", type=Path, help="folder of observed series, for the skill")
    parser.add_argument("--quick", action="store_true", help="few runs, to see that all parts work")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    state = source_digest()
    done = []
    for step in steps(given.out, given.data, quick=given.quick):
        sys.stderr.write(f"== {step.name} ==\n")
        done.append(carried_out(step, given.out, state))
    given.docs.mkdir(exist_ok=True)
    (given.docs / PAGE).write_text("\n".join(page(done, given.docs)), encoding="utf-8")
    return 0


def source_digest() -> str:
    """Return a digest of all that decides the numbers."""
    files = [
        *(ROOT / "src" / "regional_sim").rglob("*.py"),
        *(ROOT / "configs").rglob("*.yaml"),
        *(ROOT / "experiments").glob("*.yaml"),
    ]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def carried_out(step: Step, out: Path, state: str) -> Done:
    """Run a step, or read what it printed when it was run."""
    record = out / f"{step.name}.json"
    wanted = hashlib.sha256(json.dumps([state, step.arguments]).encode()).hexdigest()
    known = _read(record)
    if known.get("digest") != wanted:
        shutil.rmtree(out / step.name, ignore_errors=True)
        record.write_text(json.dumps({"digest": wanted}))
    elif "printed" in known:
        return Done(step, str(known["printed"]), float(known["seconds"]))
    start = time.monotonic()
    (out / step.name).mkdir(exist_ok=True)
    if step.prepare is not None:
        step.prepare()
    printed = "".join(_output(arguments) for arguments in step.arguments)
    seconds = time.monotonic() - start
    record.write_text(json.dumps({"digest": wanted, "printed": printed, "seconds": seconds}))
    return Done(step, printed, seconds)


def _read(record: Path) -> dict[str, Any]:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _output(arguments: list[str]) -> str:
    """Run a command of the package, and return what it prints."""
    command = [sys.executable, "-m", "regional_sim", *arguments]
    environment = os.environ | {"COLUMNS": COLUMNS, "NO_COLOR": "1"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if run.returncode != 0:
        sys.exit(f"this failed with exit code {run.returncode}: regional-sim {' '.join(arguments)}")
    return run.stdout


def page(done: list[Done], docs: Path) -> Iterator[str]:
    """Write the lines of the page, and copy its pictures."""
    minutes = sum(one.seconds for one in done) / 60
    yield INTRODUCTION.format(minutes=f"about {max(round(minutes), 1)} minutes")
    for one in done:
        yield f"## {one.step.title}\n\n{one.step.question}\n\n```sh"
        yield from (_written(arguments) for arguments in one.step.arguments)
        printed = one.printed.replace(f"{ROOT}/", "").rstrip()
        yield f"```\n\n```text\n{printed}\n```\n"
        for picture in one.step.pictures:
            if picture.exists() and picture.stat().st_size <= LARGEST_PICTURE:
                name = f"validation_{one.step.name}_{picture.name}"
                shutil.copyfile(picture, docs / name)
                yield f"![{one.step.title}]({name})\n"


def _written(arguments: list[str]) -> str:
    """Write a command as a user would type it, with paths from the project's root."""
    words = [word.replace(f"{ROOT}/", "") for word in arguments]
    return "regional-sim " + " ".join(
        f"'{word}'" if set(word) & set(" <>") else word for word in words
    )


if __name__ == "__main__":
    sys.exit(main())
