"""What is marked ``noalias_loop`` is never handed a row that overlaps with one it writes."""

from pathlib import Path

from tests.support.processes import printed

ROOT = Path(__file__).resolve().parents[2]

# The decorator is replaced before anything takes it; interpreted, every call then comes by here.
PROGRAM = """
import ast, functools, inspect, textwrap

import numpy as np

from regional_sim.numerics import compiler

checked = set()


def written(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
    }


def noalias_loop(function):
    names = list(inspect.signature(function).parameters)
    targets = written(function)
    assert targets, f"{function.__name__} writes nothing"
    assert targets <= set(names), f"{function.__name__} writes what it was not given"

    @functools.wraps(function)
    def checking(*arguments):
        given = dict(zip(names, arguments, strict=True))
        arrays = {name: one for name, one in given.items() if isinstance(one, np.ndarray)}
        for target in targets:
            for name, array in arrays.items():
                apart = name == target or not np.may_share_memory(array, arrays[target])
                assert apart, f"{function.__module__}.{function.__name__}: {target}, {name}"
        checked.add((function.__module__, function.__name__))
        return function(*arguments)

    marked.append((function.__module__, function.__name__))
    return checking


marked = []
compiler.noalias_loop = noalias_loop

from regional_sim.postures import create
from regional_sim.engine.job import BatchJob
from regional_sim.engine.ensemble import run_batch
from tests.support.worlds import random_world, short

for seed in range(8):
    world = short(
        random_world(seed, n_states=(5, 7, 8)[seed % 3]),
        1,
        20,
        **{"options.shock": ("probit", "logit")[seed % 2], "parameters.ladder_restraint": 0.2},
    )
    run_batch(BatchJob.of(world, [create("new_approach")], seed))
assert len(marked) == len(set(marked))
missed = sorted(set(marked) - checked)
assert not missed, f"never called: {missed}"
print(len(marked))
"""


def test_no_row_that_is_written_overlaps_with_another():
    found = printed("-c", PROGRAM, env={"NUMBA_DISABLE_JIT": "1"}, cwd=ROOT)
    sources = (ROOT / "src/regional_sim").rglob("*.py")
    marked = sum(source.read_text(encoding="utf-8").count("@noalias_loop\n") for source in sources)
    assert int(found) == marked > 40
