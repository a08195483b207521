"""Arguments of the package in Python: numbers of NumPy, one in place of several, and misspelt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import regional_sim
from regional_sim.bridges.mesa import batch_arguments
from regional_sim.errors import InputError
from regional_sim.postures import create

SHORT = {"horizon.months_before": 2, "horizon.months_after": 4}


@pytest.mark.parametrize(
    ("function", "given", "meant"),
    [
        (regional_sim.run, "posture", "postures"),
        (regional_sim.run, "resumes", "resume"),
        (regional_sim.run, "long_formats", "long_format"),
        (regional_sim.sweep, "replicate", "replicates"),
        (regional_sim.sweep_shard, "worker", "workers"),
        (regional_sim.merge, "partials", "partial"),
        (regional_sim.compare, "metric", "metrics"),
        (regional_sim.describe_plan, "engines", "engine"),
    ],
)
def test_a_misspelt_argument_is_named_with_what_is_meant(
    function: Callable[..., Any], given: str, meant: str
) -> None:
    with pytest.raises(InputError) as caught:
        function("two_states", "two_states", **{given: 1})
    name = function.__name__
    assert str(caught.value) == f"{given}: {name} has no such argument; did you mean '{meant}'?"


def test_an_argument_like_no_other_is_answered_with_all_that_there_are() -> None:
    with pytest.raises(InputError) as caught:
        regional_sim.run("two_states", banana=1)
    allowed = str(caught.value.allowed).split(", ")
    assert {"postures", "workers", "retry_failed"} <= set(allowed)
    assert len(allowed) == len(set(allowed))
    assert "temporary" not in allowed


def test_numbers_and_arrays_of_numpy_are_as_those_of_python(tmp_path: Path) -> None:
    given = {
        "postures": np.array(["traditional", "reactive"]),
        "replicates": np.int16(3),
        "seed": np.uint64(4),
        "workers": np.int64(2),
        "tables": np.array(["runs", "states"]),
        "settings": {key: np.int32(value) for key, value in SHORT.items()},
        "clamp": np.array(["AAA"]),
    }
    plain = {key: getattr(one, "tolist", lambda one=one: one)() for key, one in given.items()}
    for name, arguments in (("numpy", given), ("plain", plain)):
        regional_sim.run("two_states", out=tmp_path / name, **arguments)
    for file in ("plan.json", "runs.csv", "states.csv"):
        assert (tmp_path / "numpy" / file).read_bytes() == (tmp_path / "plain" / file).read_bytes()
    assert json.loads((tmp_path / "numpy/manifest.json").read_text())["workers"] == 2
    again = regional_sim.reproduce(tmp_path / "numpy", workers=np.int8(1), tolerance=np.float32(0))
    assert again.matches


@pytest.mark.parametrize("value", [np.float64(3), np.bool_(True), "3", None, 2.0])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    for name in ("replicates", "seed", "workers"):
        with pytest.raises(InputError, match=name):
            regional_sim.run("two_states", settings=SHORT, **{name: value})


@pytest.mark.parametrize(
    "posture", ["reactive", {"policy": "levels", "military": np.float32(0.5)}, create("levels")]
)
def test_one_posture_and_one_state_need_no_list(posture: object) -> None:
    results = regional_sim.run("two_states", postures=posture, clamp="AAA", settings=SHORT)
    assert len(results.runs) == 1
    assert results.plan["experiment"]["clamp"] == ["AAA"]


@pytest.mark.parametrize(
    ("seeds", "meant"),
    [
        (np.int64(3), [3]),
        (np.array(3), [3]),
        (np.array([1, 2], dtype=np.uint8), [1, 2]),
        ([np.int64(1), 2], [1, 2]),
        (range(2), [0, 1]),
    ],
)
def test_seeds_of_a_batch(seeds: Any, meant: list[int]) -> None:
    arguments = batch_arguments({"scenario": "two_states"}, seeds=seeds)
    found = arguments.get("rng") or arguments["parameters"]["seed"]
    assert found == meant
    assert {type(seed) for seed in found} == {int}


def test_states_of_a_mesa_model_may_stand_in_an_array() -> None:
    model = regional_sim.RegionModel(
        "two_states", settings=SHORT, clamp_states=np.array(["AAA", "BBB"])
    )
    assert model.reference is not None
