"""Regional dynamics in East Asia: what postures do to tension and to inadvertent escalation.

>>> import regional_sim
>>> "new_approach" in regional_sim.policy_names()
True
"""

from __future__ import annotations

TYPE_CHECKING = False  # Importing `typing` takes longer than all that stands here.

if TYPE_CHECKING:
    from typing import Any

    from regional_sim.api import (
        Policy,
        RegionModel,
        Reproduction,
        Results,
        calibrate_posterior,
        compare,
        describe_plan,
        discover,
        flips,
        hypotheses,
        import_policies,
        load_experiment,
        load_results,
        load_scenario,
        merge,
        policy_names,
        register,
        reproduce,
        run,
        salib_inputs,
        salib_outcomes,
        salib_problem,
        scenario_from_mapping,
        sensitivity,
        sweep,
        sweep_shard,
        trace,
    )

    __version__: str

__all__ = [
    "Policy",
    "RegionModel",
    "Reproduction",
    "Results",
    "__version__",
    "calibrate_posterior",
    "compare",
    "describe_plan",
    "discover",
    "flips",
    "hypotheses",
    "import_policies",
    "load_experiment",
    "load_results",
    "load_scenario",
    "merge",
    "policy_names",
    "register",
    "reproduce",
    "run",
    "salib_inputs",
    "salib_outcomes",
    "salib_problem",
    "scenario_from_mapping",
    "sensitivity",
    "sweep",
    "sweep_shard",
    "trace",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: the libraries below take a second."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        from regional_sim.experiment.versions import __version__

        return __version__
    from regional_sim import api

    return getattr(api, name)


def __dir__() -> list[str]:
    """List what can be asked for."""
    return sorted({*globals(), *__all__})
