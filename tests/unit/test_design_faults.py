# ruff: noqa: E501 (a row of the table is one line)
"""One bad design for each message, with the place where it points."""

import re

import pytest

from regional_sim.experiment import load_experiment
from tests.support import faults

HEAD = """\
scenario: four_states
settings: {horizon.months_before: 2, horizon.months_after: 4}
seed: 1
replicates: 2
postures: [traditional, {policy: levels, military: 0.2}]
design:
"""

SAMPLE = """\
  kind: random
  n: 8
  seed: 2
  factors:
    parameters.theta_challenger: {low: 0.2, high: 0.8}
    parameters.signal_gain: {distribution: normal, mean: 1, sd: 0.1, low: 0, high: 4}
    options.shock: {choices: [probit, logit], weights: [3, 1]}
    horizon.months_after: {distribution: integer, low: 4, high: 6}
    states.JPN.stance: {distribution: triangular, low: -0.2, mode: 0, high: 0.2}
    dyads.commitment.USA-JPN: {distribution: log_uniform, low: 0.1, high: 0.9}
    posture.military: range
"""
GOOD = SAMPLE.replace("range", "{low: 0.1, high: 0.9}")

MIXED = """\
  kind: mixed
  parts:
    - kind: latin_hypercube
      n: 2
      factors:
        parameters.signal_gain: range
    - kind: zip
      factors:
        parameters.level_weight: [0.1, 0.2]
        posture.military: [0.1, 0.2]
    - kind: list
      points:
        - options.shock: probit
"""

# What is replaced in a good design, by what, and the message: place, then what it must say.
BAD = {
    GOOD: {
        "misspelt setting of a prior": ("weights: [3", "weight: [3", "13:47: design.factors.options.shock.weight: unknown key; did you mean 'weights'?"),
        "misspelt distribution": ("distribution: normal", "distribution: norml", "12:29: design.factors.parameters.signal_gain: unknown distribution; got 'norml'; allowed: uniform, log_uniform, normal, triangular, integer, choice; did you mean 'normal'?"),
        "no distribution": ("distribution: normal, ", "", "12:29: design.factors.parameters.signal_gain: needs a distribution; allowed: uniform,"),
        "number for a prior": ("{low: 0.2, high: 0.8}", "0.2", "11:34: design.factors.parameters.theta_challenger: cannot be read as a prior; got 0.2; allowed: low and high,"),
        "empty prior": ("{low: 0.2, high: 0.8}", "", "11:5: design.factors.parameters.theta_challenger: cannot be read as a prior; got null; allowed: low and high,"),
        "range of a posture": ("posture.military: {low: 0.1, high: 0.9}", "posture.military: range", "17:23: design.factors.posture.military: only parameters have a documented range; got 'range'; give low and high"),
        "range of a misspelt parameter": ("theta_challenger: {low: 0.2, high: 0.8}", "theta_chalenger: range", "11:33: design.factors.parameters.theta_chalenger: there is no such parameter; got 'theta_chalenger'; did you mean 'theta_challenger'?"),
        "no upper end": ("{low: 0.2, high: 0.8}", "{low: 0.2}", "11:5: design.factors.parameters.theta_challenger.high: required, but not given"),
        "text for an end": ("{low: 0.2, high: 0.8}", "{low: 0.2, high: much}", "11:51: design.factors.parameters.theta_challenger.high: must be a number; got 'much'"),
        "ends the wrong way round": ("{low: 0.2, high: 0.8}", "{low: 0.8, high: 0.2}", "11:34: design.factors.parameters.theta_challenger: low must be below high"),
        "equal ends of a normal prior": ("low: 0, high: 4", "low: 4, high: 4", "12:29: design.factors.parameters.signal_gain: low must be below high"),
        "no spread": ("sd: 0.1", "sd: 0", "12:65: design.factors.parameters.signal_gain.sd: is outside the allowed range; got 0; allowed: above 0"),
        "mode outside": ("mode: 0", "mode: 1", "15:24: design.factors.states.JPN.stance: the mode lies outside; got 1.0; allowed: from -0.2 to 0.2"),
        "logarithm of nothing": ("low: 0.1, high: 0.9}\n    posture", "low: 0, high: 0.9}\n    posture", "16:64: design.factors.dyads.commitment.USA-JPN.low: is outside the allowed range; got 0; allowed: above 0"),
        "fraction for a whole number": ("low: 4, high: 6", "low: 4, high: 6.5", "14:65: design.factors.horizon.months_after.high: must be a whole number; got 6.5"),
        "equal ends of whole numbers": ("low: 4, high: 6", "low: 4, high: 4", "14:27: design.factors.horizon.months_after: low must be below high"),
        "choice given twice": ("[probit, logit]", "[probit, probit]", "13:30: design.factors.options.shock.choices: the level 'probit' is given twice"),
        "weight missing": ("[3, 1]", "[3]", "13:56: design.factors.options.shock.weights: needs a weight for each of the 2 choices, has 1"),
        "weight of nothing": ("[3, 1]", "[3, 0]", "13:60: design.factors.options.shock.weights[1]: is outside the allowed range; got 0; allowed: above 0"),
        "no size": ("  n: 8\n", "", "6:1: design.n: required, but not given"),
        "no points": ("n: 8", "n: 0", "8:6: design.n: is outside the allowed range; got 0; allowed: at least 1"),
        "too many points": ("n: 8", "n: 2000000", "7:3: design: asks for too many points; got 2000000; allowed: at most 1000000"),
        "negative seed": ("seed: 2", "seed: -2", "9:9: design.seed: is outside the allowed range; got -2; allowed: at least 0"),
        "fraction for a seed": ("seed: 2", "seed: 2.5", "9:9: design.seed: must be a whole number; got 2.5"),
        "flag for a seed": ("seed: 2", "seed: true", "9:9: design.seed: must be a whole number; got true"),
        "no power of two": ("kind: random\n  n: 8", "kind: sobol\n  n: 100", "8:6: design.n: must be a power of two; got 100; allowed: 64 or 128"),
        "no power of two at all": ("kind: random\n  n: 8", "kind: saltelli\n  n: 0", "8:6: design.n: must be a power of two; got 0; allowed: 1 or 2"),
        "odd levels": ("kind: random\n  n: 8", "kind: morris\n  levels: 3\n  trajectories: 2", "8:11: design.levels: "),
        # what only the world, or a policy, can refuse
        "misspelt factor": ("parameters.theta_challenger", "parameters.theta_chalenger", "11:5: design.factors.parameters.theta_chalenger: unknown parameter; did you mean 'theta_challenger'?"),
        "prior of a parameter out of range": ("{low: 0.2, high: 0.8}", "{low: 1.2, high: 1.8}", "11:34: design.factors.parameters.theta_challenger: is outside the allowed range; got 1."),
        "choice of an option": ("[probit, logit]", "[probid, probit]", "13:20: design.factors.options.shock: is not one of the choices; got 'probid'; allowed: probit, logit; did you mean 'probit'?"),
        "fraction for a horizon": ("{distribution: integer, low: 4, high: 6}", "{low: 4, high: 6}", "14:27: design.factors.horizon.months_after: must be a whole number; got "),
        "prior of a figure out of range": ("low: -0.2, mode: 0, high: 0.2", "low: 2, mode: 3, high: 4", "15:24: design.factors.states.JPN.stance: is outside the allowed range; got "),
        "misspelt figure": ("JPN.stance", "JPN.stanc", "15:5: design.factors.states.JPN.stanc: unknown figure of a state; did you mean 'stance'?"),
        "misspelt state": ("states.JPN", "states.JPM", "15:5: design.factors.states.JPM.stance: unknown state; did you mean 'JPN'?"),
        "prior of a pair out of range": ("low: 0.1, high: 0.9}\n    posture", "low: 2, high: 9}\n    posture", "16:31: design.factors.dyads.commitment.USA-JPN: is outside the allowed range; got "),
        "misspelt pair": ("USA-JPN", "USA-JPM", "16:31: design.factors.dyads.commitment.USA-JPM: unknown state; got 'JPM'"),
        "misspelt dyad quantity": ("dyads.commitment", "dyads.comitment", "16:5: design.factors.dyads.comitment.USA-JPN: unknown dyad quantity; did you mean 'commitment'?"),
        "prior of a level out of range": ("{low: 0.1, high: 0.9}\n", "{low: 1.1, high: 1.9}\n", "17:23: design.factors.posture.military: not a level; got 1."),
        "misspelt field of a policy": ("posture.military", "posture.militry", "17:5: design.factors.posture.militry: no posture has this setting; did you mean 'military'?"),
    },
    MIXED: {
        "unequal lists": ("[0.1, 0.2]\n        posture", "[0.1, 0.2, 0.3]\n        posture", "16:27: design.parts[1].factors.posture.military: factors of a zip have equally many levels: this one 2, parameters.level_weight 3"),
        "factor in two parts": ("posture.military", "parameters.signal_gain", "16:9: design.parts[1].factors.parameters.signal_gain: this factor stands in an earlier part too"),
        "factor in a list and a part": ("options.shock: probit", "parameters.signal_gain: 2", "17:7: design.parts[2]: this factor stands in an earlier part too; got 'parameters.signal_gain'"),
        "mixed in mixed": ("kind: zip", "kind: mixed", "13:7: design.parts[1]: is not a kind of design; got 'mixed'; allowed: kind: grid, list, zip,"),
        "one part": (MIXED[MIXED.index("    - kind: zip"):], "", "9:5: design.parts: needs at least 2 entries, has 1"),
        "level in a part": ("[0.1, 0.2]\n    - kind", "[0.1, 2]\n    - kind", "16:33: design.parts[1].factors.posture.military[1]: not a level; got 2"),
        "point in a part": ("probit", "probid", "19:26: design.parts[2].points[0].options.shock: is not one of the choices; got 'probid'"),
        "prior in a part": ("range", "{low: 8, high: 9}", "12:33: design.parts[0].factors.parameters.signal_gain: is outside the allowed range; got 8."),
    },
}  # fmt: skip
CASES = [(good, name) for good, cases in BAD.items() for name in cases]


def error_of(folder, text):
    return faults.error_of(load_experiment, folder / "trial.yaml", HEAD + text)


@pytest.mark.parametrize(("design", "many"), [(GOOD, 8), (MIXED, 4)])
def test_the_designs_that_the_bad_ones_are_made_of_are_good(tmp_path, design, many):
    (tmp_path / "trial.yaml").write_text(HEAD + design)
    assert len(load_experiment(tmp_path / "trial.yaml").points) == many


@pytest.mark.parametrize(("good", "name"), CASES, ids=[name for _, name in CASES])
def test_message(tmp_path, good, name):
    path = tmp_path / "trial.yaml"
    faults.check_row(load_experiment, path, good, BAD[good][name], head=HEAD)


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        ("{distribution: normal, mean: 1, sd: 0.1}", "trajectories reach the ends of a prior, and this one has none; give low and high"),
        ("{choices: [1, 2], weights: [9, 1]}", "a step of a trajectory would leave this factor as it is; drop the weights, or use another design"),
    ],
)  # fmt: skip
def test_priors_that_trajectories_cannot_take(tmp_path, prior, expected):
    design = f"  kind: morris\n  trajectories: 2\n  factors:\n    parameters.signal_gain: {prior}\n"
    error = error_of(tmp_path, design)
    assert str(error) == f"trial.yaml:10:29: design.factors.parameters.signal_gain: {expected}"


def test_a_level_that_a_prior_gave_is_told_from_one_that_stands_in_the_file(tmp_path):
    design = GOOD.replace("{low: 0.2, high: 0.8}", "{low: 0.9, high: 1.9}")
    assert str(error_of(tmp_path, design)).endswith("this prior can give it")
    design = MIXED.replace("[0.1, 0.2]\n        posture", "[0.1, 2]\n        posture")
    assert "can give it" not in str(error_of(tmp_path, design))


def test_all_priors_at_fault_are_reported_at_once(tmp_path):
    design = GOOD
    for name in ("no upper end", "no spread", "misspelt setting of a prior", "range of a posture"):
        design = design.replace(*BAD[GOOD][name][:2])
    lines = [int(line) for line in re.findall(r"yaml:(\d+)", str(error_of(tmp_path, design)))]
    assert lines == [11, 12, 13, 17]
