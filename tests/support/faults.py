"""Files with a fault in them, and the one message that each must give."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from regional_sim.errors import InputError


def error_of(load: Callable[[str], object], path: Path, text: str | bytes) -> InputError:
    """Load a bad file from the folder it stands in, and return the error."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with chdir(path.parent), pytest.raises(InputError) as caught:
        load(path.name)
    return caught.value


def check_row(
    load: Callable[[str], object], path: Path, good: str, row: tuple[str, str, str], head: str = ""
) -> None:
    """Check that one change of a good file gives one fault, with its place and in these words."""
    old, new, expected = row
    assert good.count(old) == 1
    error = error_of(load, path, head + good.replace(old, new))
    assert len(error.faults) == 1, error
    assert error.exit_code == 2
    is_placed = re.match(r"\d+:\d+: ", expected)
    assert expected in str(error)
    assert str(error).startswith(f"{path.name}:{expected if is_placed else ''}")
    assert str(error).rstrip()[-1] != ":", "it does not say what is wrong"
