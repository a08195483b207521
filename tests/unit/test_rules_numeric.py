"""Elementary functions: accuracy, edges, the same bits compiled and interpreted, and no others."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from regional_sim.numerics import compiler, elementary

FEW = settings(max_examples=200, deadline=None)
SOURCE = Path(elementary.__file__).resolve().parents[1]
MECHANISMS = sorted(
    path.stem
    for path in (SOURCE / "rules").glob("*.py")
    if path.stem not in ("__init__", "compiled", "numeric", "options", "parameters")
)


def values_of(function, points):
    """One value of a scalar function at each point."""
    return np.array([function(float(point)) for point in points])


def units_in_last_place(values, exact):
    """Distance from values in extended precision, in spacings of doubles."""
    spacing = np.spacing(np.abs(exact.astype(np.float64)))
    return float(np.max(np.abs(values - exact) / spacing))


def spread(low, high, n, seed):
    """Points of a range: a grid with both ends, and as many at random."""
    random = np.random.default_rng(seed).uniform(low, high, n)
    return np.concatenate([np.linspace(low, high, n), random])


class TestExp:
    def test_within_two_units_in_the_last_place(self):
        points = np.concatenate(
            [spread(-708, 709, 8000, 1), spread(-1, 1, 3000, 2), spread(-1e-8, 1e-8, 500, 3)]
        )
        exact = np.exp(points.astype(np.longdouble))
        assert units_in_last_place(values_of(elementary.exp, points), exact) <= 2

    def test_hand_computed(self):
        assert elementary.exp(0.0) == 1.0
        assert elementary.exp(1.0) == pytest.approx(2.718281828459045, rel=4e-16)
        assert elementary.exp(-0.6931471805599453) == pytest.approx(0.5, rel=4e-16)

    def test_held_beyond_its_range(self):
        assert elementary.exp(-1e300) == elementary.exp(-708.0) == pytest.approx(np.exp(-708.0))
        assert elementary.exp(1e300) == elementary.exp(709.0) == pytest.approx(np.exp(709.0))
        assert elementary.exp(-np.inf) == elementary.exp(-708.0)
        assert elementary.exp(np.inf) == elementary.exp(709.0)
        assert np.finfo(float).tiny <= elementary.exp(-708.0)
        assert elementary.exp(709.0) <= np.finfo(float).max

    def test_never_falls(self):
        for points in (np.linspace(-708, 709, 8001), np.linspace(-1, 1, 8001)):
            assert np.all(np.diff(values_of(elementary.exp, points)) > 0)

    @FEW
    @given(st.floats(-300, 300), st.floats(-300, 300))
    def test_a_sum_becomes_a_product(self, a, b):
        product = elementary.exp(a) * elementary.exp(b)
        assert elementary.exp(a + b) == pytest.approx(product, rel=2e-13)


class TestLog:
    def test_within_two_units_in_the_last_place(self):
        points = np.concatenate(
            [
                10.0 ** spread(-307.6, 308.2, 6000, 1),
                spread(0.3, 3, 4000, 2),
                1 + spread(-1e-7, 1e-7, 1000, 3),
                2.0 ** np.arange(-1021, 1024),
            ]
        )
        points = points[points != 1.0]
        exact = np.log(points.astype(np.longdouble))
        assert units_in_last_place(values_of(elementary.log, points), exact) <= 2

    def test_hand_computed(self):
        assert elementary.log(1.0) == 0.0
        assert elementary.log(2.0) == 0.6931471805599453
        assert elementary.log(0.5) == -0.6931471805599453
        assert elementary.log(10.0) == pytest.approx(2.302585092994046, rel=4e-16)

    @pytest.mark.parametrize("value", [0.0, -1.0, -np.inf, 5e-324, 2.3e-308])
    def test_held_at_the_least_normal_double(self, value):
        assert elementary.log(value) == pytest.approx(np.log(2.3e-308), rel=4e-16)

    def test_greatest_double(self):
        greatest = np.finfo(float).max
        assert elementary.log(greatest) == pytest.approx(np.log(greatest), rel=4e-16)

    def test_never_falls(self):
        for points in (np.linspace(0.01, 3, 8001), 10.0 ** np.linspace(-307, 308, 8001)):
            assert np.all(np.diff(values_of(elementary.log, points)) > 0)

    @FEW
    @given(st.floats(-700, 700))
    def test_undoes_exp(self, x):
        assert elementary.log(elementary.exp(x)) == pytest.approx(x, rel=4e-16, abs=4e-16)


class TestLogistic:
    def test_reference(self):
        points = spread(-700, 700, 4000, 1)
        np.testing.assert_allclose(
            values_of(elementary.logistic, points), special.expit(points), rtol=1e-15, atol=0
        )

    def test_hand_computed(self):
        assert elementary.logistic(0.0) == 0.5
        assert elementary.logistic(1.0986122886681098) == pytest.approx(0.75, rel=4e-16)

    def test_held_beyond_its_range(self):
        assert elementary.logistic(1e300) == elementary.logistic(np.inf) == 1.0
        assert elementary.logistic(-1e300) == elementary.logistic(-700.0) > 0.0

    def test_never_falls(self):
        shares = values_of(elementary.logistic, np.linspace(-30, 30, 6001))
        assert np.all(np.diff(shares) > 0)

    @FEW
    @given(st.floats(-700, 700))
    def test_both_sides_sum_to_one(self, x):
        assert elementary.logistic(x) + elementary.logistic(-x) == pytest.approx(1.0, abs=3e-16)


class TestLogit:
    def test_reference(self):
        shares = np.concatenate(
            [spread(1e-6, 1 - 1e-6, 4000, 1), 10.0 ** np.linspace(-300, -1, 99)]
        )
        away = shares[np.abs(shares - 0.5) > 1e-3]
        np.testing.assert_allclose(
            values_of(elementary.logit, away), special.logit(away), rtol=1e-12, atol=0
        )

    def test_hand_computed(self):
        assert elementary.logit(0.5) == 0.0
        assert elementary.logit(0.75) == pytest.approx(1.0986122886681098, rel=4e-16)
        assert elementary.logit(0.25) == pytest.approx(-1.0986122886681098, rel=4e-16)

    def test_never_falls(self):
        logits = values_of(elementary.logit, np.linspace(1e-4, 1 - 1e-4, 8001))
        assert np.all(np.diff(logits) > 0)

    @FEW
    @given(st.floats(1e-12, 1 - 1e-12))
    def test_is_undone_by_logistic(self, share):
        assert elementary.logistic(elementary.logit(share)) == pytest.approx(share, rel=1e-14)

    @FEW
    @given(st.floats(-10, 10))
    def test_undoes_logistic(self, x):
        assert elementary.logit(elementary.logistic(x)) == pytest.approx(x, abs=1e-11)


class TestNormalCdf:
    def test_reference(self):
        points = np.concatenate([spread(-40, 40, 6000, 1), spread(-3, 3, 4000, 2)])
        np.testing.assert_allclose(
            values_of(elementary.normal_cdf, points), special.ndtr(points), rtol=0, atol=1e-15
        )

    def test_tail_keeps_its_digits(self):
        # The Monte Carlo error of a rare chance is far above this.
        points = np.linspace(-8, 0, 2001)
        np.testing.assert_allclose(
            values_of(elementary.normal_cdf, points), special.ndtr(points), rtol=1e-8
        )

    def test_hand_computed(self):
        assert elementary.normal_cdf(0.0) == 0.5
        assert elementary.normal_cdf(1.0) == pytest.approx(0.8413447460685429, abs=1e-15)
        assert elementary.normal_cdf(-1.959963984540054) == pytest.approx(0.025, abs=1e-15)

    @pytest.mark.parametrize("far", [37.0, 38.0, 1e300, np.inf])
    def test_held_beyond_its_range(self, far):
        assert elementary.normal_cdf(far) == 1.0
        assert 0.0 <= elementary.normal_cdf(-far) < 1e-290

    def test_never_falls(self):
        for points in (np.linspace(-40, 40, 8001), np.linspace(-1, 1, 8001)):
            assert np.all(np.diff(values_of(elementary.normal_cdf, points)) >= 0)

    @FEW
    @given(st.floats(-40, 40))
    def test_symmetric(self, x):
        both = elementary.normal_cdf(x) + elementary.normal_cdf(-x)
        assert both == pytest.approx(1.0, abs=3e-16)


class TestNormalQuantile:
    def test_reference(self):
        tail = 10.0 ** np.linspace(-10, -1, 2000)
        chances = np.concatenate([spread(1e-10, 1 - 1e-10, 4000, 1), tail, 1 - tail])
        np.testing.assert_allclose(
            values_of(elementary.normal_quantile, chances),
            special.ndtri(chances),
            rtol=0,
            atol=1e-9,
        )

    def test_documented_accuracy(self):
        chances = 10.0 ** np.linspace(-10, np.log10(0.499), 3000)
        np.testing.assert_allclose(
            values_of(elementary.normal_quantile, chances), special.ndtri(chances), rtol=1e-14
        )

    def test_hand_computed(self):
        assert elementary.normal_quantile(0.5) == 0.0
        assert elementary.normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-14)
        assert elementary.normal_quantile(0.025) == pytest.approx(-1.959963984540054, abs=1e-14)

    @pytest.mark.parametrize("chance", [0.0, -1.0, 1e-300, 1.4e-11])
    def test_held_at_the_ends(self, chance):
        end = special.ndtri(1.4e-11)
        assert elementary.normal_quantile(chance) == pytest.approx(end, abs=1e-12)
        assert elementary.normal_quantile(1.0 - chance) == pytest.approx(-end, abs=1e-6)

    def test_never_falls(self):
        # 0.075 and 0.925 are the seams between the middle and the tails.
        seams = [np.linspace(at - 1e-6, at + 1e-6, 2001) for at in (0.075, 0.925)]
        for chances in (np.linspace(0, 1, 8001), 10.0 ** np.linspace(-12, -1, 2001), *seams):
            assert np.all(np.diff(values_of(elementary.normal_quantile, chances)) >= 0)

    @FEW
    @given(st.floats(1.4e-11, 1 - 1.4e-11))
    def test_is_undone_by_the_distribution_function(self, chance):
        back = elementary.normal_cdf(elementary.normal_quantile(chance))
        assert back == pytest.approx(chance, abs=1e-15)

    @FEW
    @given(st.floats(0.0, 0.5))
    def test_symmetric(self, chance):
        mirrored = elementary.normal_quantile(1.0 - chance)
        # Taking a small chance from 1 loses its last digits.
        assert mirrored == pytest.approx(-elementary.normal_quantile(chance), abs=1e-6)


class TestHalvesOfTheQuantile:
    def test_reference(self):
        centre = np.linspace(0.075, 0.925, 2001)
        np.testing.assert_allclose(
            values_of(elementary.quantile_in_centre, centre),
            special.ndtri(centre),
            rtol=0,
            atol=1e-14,
        )

    def test_the_tails_do_not_look_at_the_centre_and_the_centre_passes_through(self):
        for chance in (1e-9, 0.05, 0.95, 1.0 - 1e-9):
            tail = elementary.quantile_in_tails(chance, np.nan)
            assert tail == pytest.approx(special.ndtri(chance), abs=1e-6)
        for chance in (0.08, 0.5, 0.92):
            assert elementary.quantile_in_tails(chance, 0.125) == 0.125

    @FEW
    @given(st.floats(0.0, 1.0))
    def test_together_they_are_the_quantile(self, chance):
        centre = elementary.quantile_in_centre(chance)
        assert elementary.quantile_in_tails(chance, centre) == elementary.normal_quantile(chance)


class TestLargerAndSmaller:
    def test_hand_computed(self):
        assert (elementary.larger(1.0, 2.0), elementary.larger(2.0, 1.0)) == (2.0, 2.0)
        assert (elementary.smaller(1.0, 2.0), elementary.smaller(2.0, 1.0)) == (1.0, 1.0)
        assert elementary.larger(3.0, 3.0) == elementary.smaller(3.0, 3.0) == 3.0
        assert elementary.larger(-np.inf, -1.0) == -1.0
        assert elementary.smaller(np.inf, -1.0) == -1.0

    @FEW
    @given(st.floats(allow_nan=False), st.floats(allow_nan=False))
    def test_same_as_max_and_min(self, a, b):
        assert elementary.larger(a, b) == max(a, b)
        assert elementary.smaller(a, b) == min(a, b)


# The same bits, compiled and interpreted.

only_compiled = pytest.mark.skipif(
    not hasattr(elementary.exp, "py_func"), reason="NUMBA_DISABLE_JIT is set: nothing is compiled"
)


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
    ("function", "points"),
    [
        (
            elementary.exp,
            np.concatenate([with_edges(spread(-720, 720, 2000, 7), *FAR), spread(-1, 1, 1000, 8)]),
        ),
        (
            elementary.log,
            np.concatenate(
                [with_edges(10.0 ** spread(-310, 308, 2000, 7), *FAR), spread(0.5, 2, 1000, 8)]
            ),
        ),
        (elementary.logistic, with_edges(spread(-720, 720, 2000, 7), *FAR)),
        (elementary.logit, spread(1e-9, 1 - 1e-9, 2000, 7)),
        (elementary.normal_cdf, with_edges(spread(-40, 40, 2000, 7), *FAR)),
        (elementary.normal_quantile, with_edges(spread(0, 1, 2000, 7), *NEAR_ENDS)),
        (elementary.quantile_in_centre, with_edges(spread(0, 1, 2000, 7), *NEAR_ENDS)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_numeric_functions_have_the_same_bits(function, points, monkeypatch):
    assert bits(over_runs(function, monkeypatch)(points)) == bits(values_of(function, points))


@only_compiled
def test_both_halves_of_the_quantile_have_the_same_bits(monkeypatch):
    # As the draws are made: a loop for each half.
    points = with_edges(spread(0, 1, 2000, 7), *NEAR_ENDS)
    centre = over_runs(elementary.quantile_in_centre, monkeypatch)(points)
    both = over_runs(elementary.quantile_in_tails, monkeypatch)(points, centre)
    assert bits(both) == bits(values_of(elementary.normal_quantile, points))


def compiled_rules():
    """Every compiled function of the mechanisms."""
    modules = [
        importlib.import_module(f"regional_sim.model.mechanisms.{stem}") for stem in MECHANISMS
    ]
    return [
        pytest.param(value, id=f"{module.__name__.rpartition('.')[2]}.{name}")
        for module in modules
        for name, value in vars(module).items()
        if hasattr(value, "py_func") and value.py_func.__module__ == module.__name__
    ]


# Arguments of which a share would reach only some of a rule's branches.
WIDER = {"intensity": 8.0, "count": 12.0, "rung": 4.0, "months": 48.0}


@only_compiled
@pytest.mark.parametrize("rule", compiled_rules())
def test_every_rule_has_the_same_bits(rule, monkeypatch):
    kinds = {
        name: one.annotation for name, one in inspect.signature(rule.py_func).parameters.items()
    }
    assert set(kinds.values()) <= {float, int}
    random = np.random.default_rng(11)
    columns = [
        random.choice([0, 1, 2, 4], 301)
        if kind is int
        else random.uniform(0.01, 0.99, 301) * WIDER.get(name, 1.0)
        for name, kind in kinds.items()
    ]
    seen = over_runs(rule, monkeypatch)(*columns)
    plain = [rule(*(column[run].item() for column in columns)) for run in range(301)]
    assert bits(seen) == bits(plain)


# No other elementary functions in compiled code.

EXACT_EVERYWHERE = {
    "math.sqrt": "rounded exactly by IEEE 754",
    "numpy.uint64": "names the type of a word of the generator",
}
EXACT_IN_NUMERIC = {
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


MARKS = ("compiled", "inlined", "pasted", "noalias_loop")


def compiled_functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(mark, ast.Name) and mark.id in MARKS for mark in node.decorator_list
        ):
            yield node


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
    files = [path for package in ("rules", "world") for path in (SOURCE / package).rglob("*.py")]
    wrong, n_functions = [], 0
    for path in sorted(files):
        text = path.read_text(encoding="utf-8")
        own = path.relative_to(SOURCE).as_posix()
        allowed = EXACT_EVERYWHERE | (EXACT_IN_NUMERIC if own == "rules/numeric.py" else {})
        wrong += [f"{own}:{complaint}" for complaint in complaints(text, allowed)]
        n_functions += len(list(compiled_functions(ast.parse(text))))
    assert n_functions > 100
    assert not wrong, "\n".join(wrong)


def test_only_one_file_speaks_to_the_compiler():
    # Whatever another decorator compiled would escape the scan above, and the cache's digest.
    users = [
        path.relative_to(SOURCE).as_posix()
        for package in ("rules", "world")
        for path in sorted((SOURCE / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any("numba" in one.name for one in node.names))
        or (isinstance(node, ast.ImportFrom) and "numba" in (node.module or ""))
    ]
    assert set(users) == {"rules/compiled.py"}


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
