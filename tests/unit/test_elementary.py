# ruff: noqa: E501 (a row of a table is one line)
"""Elementary functions: accuracy, edges, the same bits compiled and interpreted, and no others."""

import ast
import inspect
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from regional_sim.numerics import compiler, elementary
from tests.support.compiled import MARKS, SOURCE, compiled_functions, only_compiled, scalar_rules

LEAST_LOG = np.log(2.3e-308)
LN3 = 1.0986122886681098
Q975 = 1.959963984540054


def values_of(name, points):
    """One value of an elementary function at each point."""
    function = getattr(elementary, name)
    return np.array([function(float(point)) for point in points])


def spread(low, high, n, seed):
    """Points of a range: a grid with both ends, and as many at random."""
    random = np.random.default_rng(seed).uniform(low, high, n)
    return np.concatenate([np.linspace(low, high, n), random])


EXP_POINTS = (spread(-708, 709, 8000, 1), spread(-1, 1, 3000, 2), spread(-1e-8, 1e-8, 500, 3))
LOG_POINTS = (
    10.0 ** spread(-307.6, 308.2, 6000, 1),
    spread(0.3, 3, 4000, 2),
    1 + spread(-1e-7, 1e-7, 1000, 3),
    2.0 ** np.arange(-1021, 1024),
)


@pytest.mark.parametrize(
    ("name", "points", "reference"), [("exp", EXP_POINTS, np.exp), ("log", LOG_POINTS, np.log)]
)
def test_within_two_units_in_the_last_place(name, points, reference):
    points = np.concatenate(points)
    points = points[points != 1.0] if name == "log" else points
    exact = reference(points.astype(np.longdouble))
    spacing = np.spacing(np.abs(exact.astype(np.float64)))
    assert np.max(np.abs(values_of(name, points) - exact) / spacing) <= 2


SHARES = np.concatenate([spread(1e-6, 1 - 1e-6, 4000, 1), 10.0 ** np.linspace(-300, -1, 99)])
TAILS = 10.0 ** np.linspace(-10, -1, 2000)
CHANCES = np.concatenate([spread(1e-10, 1 - 1e-10, 4000, 1), TAILS, 1 - TAILS])


@pytest.mark.parametrize(
    ("name", "points", "reference", "tolerance"),
    [
        ("logistic", spread(-700, 700, 4000, 1), special.expit, {"rtol": 1e-15, "atol": 0}),
        ("logit", SHARES[np.abs(SHARES - 0.5) > 1e-3], special.logit, {"rtol": 1e-12, "atol": 0}),
        ("normal_cdf", np.concatenate([spread(-40, 40, 6000, 1), spread(-3, 3, 4000, 2)]), special.ndtr, {"rtol": 0, "atol": 1e-15}),
        # The tail keeps its digits: the Monte Carlo error of a rare event is far above this.
        ("normal_cdf", np.linspace(-8, 0, 2001), special.ndtr, {"rtol": 1e-8}),
        ("normal_quantile", CHANCES, special.ndtri, {"rtol": 0, "atol": 1e-9}),
        ("normal_quantile", 10.0 ** np.linspace(-10, np.log10(0.499), 3000), special.ndtri, {"rtol": 1e-14}),
        ("quantile_in_centre", np.linspace(0.075, 0.925, 2001), special.ndtri, {"rtol": 0, "atol": 1e-14}),
    ],
)  # fmt: skip
def test_agrees_with_scipy(name, points, reference, tolerance):
    np.testing.assert_allclose(values_of(name, points), reference(points), **tolerance)


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("exp", 0.0, 1.0),
        ("exp", 1.0, pytest.approx(2.718281828459045, rel=4e-16)),
        ("exp", -0.6931471805599453, pytest.approx(0.5, rel=4e-16)),
        ("log", 1.0, 0.0),
        ("log", 2.0, 0.6931471805599453),
        ("log", 0.5, -0.6931471805599453),
        ("log", 10.0, pytest.approx(2.302585092994046, rel=4e-16)),
        ("logistic", 0.0, 0.5),
        ("logistic", LN3, pytest.approx(0.75, rel=4e-16)),
        ("logit", 0.5, 0.0),
        ("logit", 0.75, pytest.approx(LN3, rel=4e-16)),
        ("logit", 0.25, pytest.approx(-LN3, rel=4e-16)),
        ("normal_cdf", 0.0, 0.5),
        ("normal_cdf", 1.0, pytest.approx(0.8413447460685429, abs=1e-15)),
        ("normal_cdf", -Q975, pytest.approx(0.025, abs=1e-15)),
        ("normal_quantile", 0.5, 0.0),
        ("normal_quantile", 0.975, pytest.approx(Q975, abs=1e-14)),
        ("normal_quantile", 0.025, pytest.approx(-Q975, abs=1e-14)),
    ],
)
def test_hand_computed(name, argument, value):
    assert getattr(elementary, name)(argument) == value


@pytest.mark.parametrize(
    ("name", "beyond", "value"),
    [
        ("exp", (-708.0, -1e300, -np.inf), pytest.approx(np.exp(-708.0))),
        ("exp", (709.0, 1e300, np.inf), pytest.approx(np.exp(709.0))),
        ("log", (2.3e-308, 5e-324, 0.0, -1.0, -np.inf), pytest.approx(LEAST_LOG, rel=4e-16)),
        ("logistic", (1e300, np.inf), 1.0),
        ("logistic", (-700.0, -1e300), pytest.approx(np.exp(-700.0))),
        ("normal_cdf", (37.0, 38.0, 1e300, np.inf), 1.0),
        ("normal_cdf", (-37.0, -38.0, -1e300, -np.inf), pytest.approx(0.0, abs=1e-290)),
        ("normal_quantile", (1.4e-11, 1e-300, 0.0, -1.0), pytest.approx(special.ndtri(1.4e-11))),
    ],
)
def test_held_beyond_its_range(name, beyond, value):
    values = {float(getattr(elementary, name)(one)) for one in beyond}
    assert len(values) == 1
    assert values.pop() == value


def test_ends_of_the_range():
    assert np.finfo(float).tiny <= elementary.exp(-708.0)
    assert elementary.exp(709.0) <= np.finfo(float).max
    greatest = np.finfo(float).max
    assert elementary.log(greatest) == pytest.approx(np.log(greatest), rel=4e-16)
    assert elementary.logistic(-700.0) > 0.0
    assert elementary.normal_cdf(-37.0) >= 0.0
    end = special.ndtri(1.4e-11)
    for chance in (0.0, 1.4e-11):
        assert elementary.normal_quantile(chance) == pytest.approx(end, abs=1e-12)
        assert elementary.normal_quantile(1.0 - chance) == pytest.approx(-end, abs=1e-6)


# 0.075 and 0.925 are the seams between the centre and the tails.
SEAMS = [np.linspace(at - 1e-6, at + 1e-6, 2001) for at in (0.075, 0.925)]


@pytest.mark.parametrize(
    ("name", "grids", "strictly"),
    [
        ("exp", [np.linspace(-708, 709, 8001), np.linspace(-1, 1, 8001)], True),
        ("log", [np.linspace(0.01, 3, 8001), 10.0 ** np.linspace(-307, 308, 8001)], True),
        ("logistic", [np.linspace(-30, 30, 6001)], True),
        ("logit", [np.linspace(1e-4, 1 - 1e-4, 8001)], True),
        ("normal_cdf", [np.linspace(-40, 40, 8001), np.linspace(-1, 1, 8001)], False),
        ("normal_quantile", [np.linspace(0, 1, 8001), 10.0 ** np.linspace(-12, -1, 2001), *SEAMS], False),
    ],
)  # fmt: skip
def test_never_falls(name, grids, strictly):
    for points in grids:
        steps = np.diff(values_of(name, points))
        assert np.all(steps > 0) if strictly else np.all(steps >= 0)


def nearly(*limits, **tolerance):
    """Draw one number for each pair of limits, and compare within a tolerance."""
    return [st.floats(*each) for each in limits], {"rel": 0, **tolerance}


# Two ways to the same number, where both hold, and how far they may lie apart.
IDENTITIES = {
    "exp makes a sum a product": (
        lambda a, b: (elementary.exp(a + b), elementary.exp(a) * elementary.exp(b)),
        *nearly((-300, 300), (-300, 300), rel=2e-13),
    ),
    "log undoes exp": (
        lambda x: (elementary.log(elementary.exp(x)), x),
        *nearly((-700, 700), rel=4e-16, abs=4e-16),
    ),
    "both sides of logistic sum to one": (
        lambda x: (elementary.logistic(x) + elementary.logistic(-x), 1.0),
        *nearly((-700, 700), abs=3e-16),
    ),
    "logistic undoes logit": (
        lambda share: (elementary.logistic(elementary.logit(share)), share),
        *nearly((1e-12, 1 - 1e-12), rel=1e-14),
    ),
    "logit undoes logistic": (
        lambda x: (elementary.logit(elementary.logistic(x)), x),
        *nearly((-10, 10), abs=1e-11),
    ),
    "normal_cdf is symmetric": (
        lambda x: (elementary.normal_cdf(x) + elementary.normal_cdf(-x), 1.0),
        *nearly((-40, 40), abs=3e-16),
    ),
    "normal_cdf undoes the quantile": (
        lambda chance: (elementary.normal_cdf(elementary.normal_quantile(chance)), chance),
        *nearly((1.4e-11, 1 - 1.4e-11), abs=1e-15),
    ),
    # Taking a small chance from 1 loses its last digits.
    "the quantile is symmetric": (
        lambda p: (elementary.normal_quantile(1.0 - p), -elementary.normal_quantile(p)),
        *nearly((0.0, 0.5), abs=1e-6),
    ),
    "both halves of the quantile are the quantile": (
        lambda chance: (
            elementary.quantile_in_tails(chance, elementary.quantile_in_centre(chance)),
            elementary.normal_quantile(chance),
        ),
        *nearly((0.0, 1.0), abs=0),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
@settings(max_examples=200)
@given(data=st.data())
def test_identities(name, data):
    sides, drawn, tolerance = IDENTITIES[name]
    one, other = sides(*map(data.draw, drawn))
    assert one == pytest.approx(other, **tolerance)


@settings(max_examples=200)
@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_larger_and_smaller_are_max_and_min(a, b):
    assert elementary.larger(a, b) == max(a, b)
    assert elementary.smaller(a, b) == min(a, b)


def test_the_tails_do_not_look_at_the_centre_and_the_centre_passes_through():
    for chance in (1e-9, 0.05, 0.95, 1.0 - 1e-9):
        tail = elementary.quantile_in_tails(chance, np.nan)
        assert tail == pytest.approx(special.ndtri(chance), abs=1e-6)
    for chance in (0.08, 0.5, 0.92):
        assert elementary.quantile_in_tails(chance, 0.125) == 0.125


def test_larger_and_smaller_of_equal_and_infinite_numbers():
    assert elementary.larger(3.0, 3.0) == elementary.smaller(3.0, 3.0) == 3.0
    assert elementary.larger(-np.inf, -1.0) == -1.0
    assert elementary.smaller(np.inf, -1.0) == -1.0
    assert np.isnan(elementary.larger(np.nan, 1.0))
    assert np.isnan(elementary.smaller(np.nan, 1.0))


# The same bits, compiled and interpreted.


def over_runs(rule, monkeypatch):
    """Compile a loop over runs that calls a rule, as the phases do; Python would call it plain."""
    monkeypatch.setattr(compiler, "cache_folder", lambda: None)
    monkeypatch.setattr(compiler, "ENTRIES", [])
    signature = inspect.signature(rule)
    several = "tuple" in str(signature.return_annotation)
    values = ", ".join(f"{name}[run]" for name in signature.parameters)
    made = {"rule": rule}
    text = f"""
def caller(into, {", ".join(signature.parameters)}):
    for run in range(into.shape[1]):
        {"into[0, run], into[1, run]" if several else "into[0, run]"} = rule({values})
"""
    exec(text, made)
    caller = compiler.compiled(made["caller"])

    def called(*columns):
        into = np.zeros((2 if several else 1, len(columns[0])))
        caller(into, *columns)
        assert caller.signatures
        return into.T if several else into[0]

    return called


def bits(values):
    """The bits of values as integers; a rule that returns several gives a row."""
    return np.array(values, dtype=np.float64).view(np.int64).tolist()


def with_edges(points, *edges):
    return np.concatenate([points, np.array(edges)])


FAR = (0.0, -0.0, 1.0, -1.0, 1e-320, 1e300, -1e300)
NEAR_ENDS = (1e-12, 0.075, 0.925)


@only_compiled
@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("exp", with_edges(np.append(spread(-720, 720, 2000, 7), spread(-1, 1, 1000, 8)), *FAR)),
        ("log", with_edges(np.append(10.0 ** spread(-310, 308, 2000, 7), spread(0.5, 2, 1000, 8)), *FAR)),
        ("logistic", with_edges(spread(-720, 720, 2000, 7), *FAR)),
        ("logit", spread(1e-9, 1 - 1e-9, 2000, 7)),
        ("normal_cdf", with_edges(spread(-40, 40, 2000, 7), *FAR)),
        ("normal_quantile", with_edges(spread(0, 1, 2000, 7), *NEAR_ENDS)),
        ("quantile_in_centre", with_edges(spread(0, 1, 2000, 7), *NEAR_ENDS)),
    ],
)  # fmt: skip
def test_elementary_functions_have_the_same_bits(name, points, monkeypatch):
    seen = over_runs(getattr(elementary, name), monkeypatch)(points)
    assert bits(seen) == bits(values_of(name, points))


@only_compiled
def test_both_halves_of_the_quantile_have_the_same_bits(monkeypatch):
    # As the draws are made: a loop for each half.
    points = with_edges(spread(0, 1, 2000, 7), *NEAR_ENDS)
    centre = over_runs(elementary.quantile_in_centre, monkeypatch)(points)
    both = over_runs(elementary.quantile_in_tails, monkeypatch)(points, centre)
    assert bits(both) == bits(values_of("normal_quantile", points))


# Arguments of which a share would reach only some of a rule's branches.
WIDER = {"intensity": 8.0, "count": 12.0, "rung": 4.0, "months": 48.0}


@only_compiled
@pytest.mark.parametrize("name", scalar_rules())
def test_every_rule_has_the_same_bits(name, monkeypatch):
    rule = scalar_rules()[name]
    kinds = get_type_hints(rule.py_func)
    random = np.random.default_rng(11)
    columns = [
        random.choice([0, 1, 2, 4], 301)
        if kinds[name] is int
        else random.uniform(0.01, 0.99, 301) * WIDER.get(name, 1.0)
        for name in inspect.signature(rule.py_func).parameters
    ]
    seen = over_runs(rule, monkeypatch)(*columns)
    plain = [rule(*(column[run].item() for column in columns)) for run in range(301)]
    assert bits(seen) == bits(plain)


@only_compiled
def test_rules_are_open_to_compiled_callers_only():
    # What Python never calls needs no entry of its own, which takes half the time to compile.
    rules = scalar_rules()
    assert len(rules) > 50
    kind = type(elementary.exp)
    assert [name for name, rule in rules.items() if type(rule) is not kind] == []


# Every rule has a test.


def names_in_tests(source):
    """Every name that stands in a test function; an import alone does not count."""
    return {
        name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
        for node in ast.walk(function)
        if (name := getattr(node, "id", getattr(node, "attr", None))) is not None
    }


def test_every_rule_has_a_test():
    tests = Path(__file__).resolve().parent.rglob("test_*.py")
    named = set().union(*(names_in_tests(path.read_text(encoding="utf-8")) for path in tests))
    rules = [name for name in scalar_rules() if not name.partition(".")[2].startswith("_")]
    assert [name for name in rules if name.partition(".")[2] not in named] == []


def test_a_rule_without_a_test_is_found():
    tests = "from rules import force, pull\ndef test_force(): assert force(1) == module.push(2)\n"
    assert names_in_tests(tests) >= {"force", "push"}
    assert "pull" not in names_in_tests(tests)


# No other elementary functions in compiled code.

EXACT_EVERYWHERE = {
    "math.sqrt": "rounded exactly by IEEE 754",
    "numpy.uint64": "names the type of a word of the generator",
}
EXACT_IN_ELEMENTARY = {
    "numpy.int64": "names the type of 64 bits",
    "numpy.float64": "gives a double its method to show its bits",
}
# Their order of addition, or their last digit, is the library's own.
REDUCTIONS = frozenset(
    ["sum", "mean", "std", "var", "prod", "dot", "cumsum", "cumprod", "trace", "ptp"]
)
LIBRARIES = ("math", "cmath", "numpy", "scipy", "random", "statistics")


def imported_names(tree: ast.AST) -> dict[str, str]:
    """What names of a module stand for, where they come from a library of mathematics."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in LIBRARIES:
                    bound = alias.asname or alias.name.split(".")[0]
                    names[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    """The full name of ``np.linalg.norm`` or a name imported from a library, or None."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return None if base is None else f"{base}.{node.attr}"
    return None


def fault_of(node: ast.AST, names: dict[str, str], allowed: dict[str, str]) -> str | None:
    """What is wrong with one node of a compiled function."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        if isinstance(node.op, ast.Pow):
            return "power"
        if isinstance(node.op, ast.MatMult):
            return "matrix product"
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    full = dotted(node, names)
    if full is not None:
        return None if full in LIBRARIES or full in allowed else full
    if isinstance(node, ast.Name):
        return node.id if node.id in ("sum", "pow") else None
    return f".{node.attr}" if node.attr in REDUCTIONS else None


def complaints(source: str, allowed: dict[str, str]) -> list[str]:
    """Line and kind of everything in compiled functions whose bits are not the model's own."""
    tree = ast.parse(source)
    names = imported_names(tree)
    faults = (
        (node.lineno, fault_of(node, names, allowed))
        for function in compiled_functions(tree)
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, (ast.expr, ast.stmt))
    )
    return [f"{line}: {fault}" for line, fault in faults if fault is not None]


def test_compiled_code_uses_only_exact_functions():
    wrong, n_functions = [], 0
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        own = path.relative_to(SOURCE).as_posix()
        more = EXACT_IN_ELEMENTARY if own == "numerics/elementary.py" else {}
        wrong += [f"{own}:{complaint}" for complaint in complaints(text, EXACT_EVERYWHERE | more)]
        n_functions += len(list(compiled_functions(ast.parse(text))))
    assert n_functions > 100
    assert not wrong, "\n".join(wrong)


def test_only_one_file_speaks_to_the_compiler():
    # Whatever another decorator compiled would escape the scan above, and the cache's digest.
    users = {
        path.relative_to(SOURCE).as_posix()
        for room in ("numerics", "model", "engine", "mesa_model", "postures")
        for path in (SOURCE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any("numba" in one.name for one in node.names))
        or (isinstance(node, ast.ImportFrom) and "numba" in (node.module or ""))
    }
    assert users == {"numerics/compiler.py"}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("y = x ** 2", "power"),
        ("x **= 2", "power"),
        ("y = x @ x", "matrix product"),
        ("y = np.exp(x)", "numpy.exp"),
        ("y = np.linalg.norm(x)", "numpy.linalg.norm"),
        ("y = math.log(x)", "math.log"),
        ("y = tangent(x)", "math.tan"),
        ("y = special.ndtr(x)", "scipy.special.ndtr"),
        ("y = sum(x)", "sum"),
        ("y = pow(x, 2)", "pow"),
        ("y = x.sum()", ".sum"),
        ("y = np.float64(x)", "numpy.float64"),
    ],
)
def test_an_inexact_function_is_found(line, fault, mark):
    head = "import math\nimport numpy as np\nfrom math import tan as tangent\n"
    head += "from scipy import special\n"
    marked = f"{head}@{mark}\ndef rule(x: np.float64) -> float:\n    {line}\n    return y\n"
    assert f"7: {fault}" in complaints(marked, EXACT_EVERYWHERE)
    assert complaints(marked.replace(f"@{mark}\n", ""), EXACT_EVERYWHERE) == []


@pytest.mark.parametrize("line", ["y = math.sqrt(x)", "y = exp(x) * x", "y = world.state[0].shape"])
def test_an_exact_function_passes(line):
    marked = f"import math\n@compiled\ndef rule(x):\n    {line}\n    return y\n"
    assert complaints(marked, EXACT_EVERYWHERE) == []
