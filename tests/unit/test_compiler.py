"""The decorators that compile, the digest that names the cache, and what it covers."""

import ast
import functools
import re

import numba
import numpy as np
import pytest
from numba.core import config
from numba.core.errors import NumbaError

from regional_sim.model.mechanisms import incidents
from regional_sim.numerics import compiler as module
from tests.support.compiled import SOURCE, compiled_functions, only_compiled


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package in place of the real one."""
    for name in ("numerics/compiler.py", "model/mechanisms/force.py", "figures/series.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("a = 1")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "numerics" / "compiler.py"))
    return tmp_path


class TestSourceDigest:
    def test_sixteen_digits_that_stay(self):
        digest = module.compiled_code_digest()
        assert digest == module.compiled_code_digest()
        assert len(digest) == 16
        assert set(digest) <= set("0123456789abcdef")

    @pytest.mark.parametrize("name", ["numerics/compiler.py", "model/mechanisms/force.py"])
    def test_changes_with_an_edit(self, package, name):
        before = module.compiled_code_digest()
        (package / name).write_text("d = 4")
        assert module.compiled_code_digest() != before

    def test_changes_with_another_file_or_another_name(self, package):
        before = module.compiled_code_digest()
        (package / "model" / "payoff.py").write_text("")
        added = module.compiled_code_digest()
        (package / "model" / "payoff.py").rename(package / "model" / "trade.py")
        assert len({before, added, module.compiled_code_digest()}) == 3

    def test_files_that_are_not_compiled_do_not_count(self, package):
        before = module.compiled_code_digest()
        (package / "figures" / "series.py").write_text("d = 4")
        (package / "model" / "notes.txt").write_text("")
        (package / "numerics" / "statistics.py").write_text("")
        assert module.compiled_code_digest() == before

    def test_changes_with_the_settings_of_the_compiler(self, monkeypatch):
        before = module.compiled_code_digest()
        monkeypatch.setenv("NUMBA_OPT", "2")
        assert module.compiled_code_digest() != before

    def test_changes_with_the_processor(self, monkeypatch):
        # A home folder may be shared by machines of several kinds.
        before = module.compiled_code_digest()
        binding = module.llvmlite.binding
        monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "another")
        assert module.compiled_code_digest() != before


class TestCacheFolder:
    def test_named_by_the_digest(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / name)
        folder = module.cache_folder.__wrapped__()
        assert folder == tmp_path / "regional_sim" / "compiled" / module.compiled_code_digest()
        assert list(folder.iterdir()) == []

    def test_none_where_nothing_can_be_written(self, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / "file" / name)
        assert module.cache_folder.__wrapped__() is None


@pytest.fixture
def entries(monkeypatch):
    """No cache, and a list of entries of the test's own: the package's is left alone."""
    monkeypatch.setattr(module, "cache_folder", lambda: None)
    monkeypatch.setattr(module, "ENTRIES", [])
    return module.ENTRIES


@pytest.mark.usefixtures("entries")
class TestCompiled:
    def test_keeps_name_and_docstring(self):
        def inverse(x: float) -> float:
            """Return 1 / x."""
            return 1.0 / x

        wrapped = module.compiled(inverse)
        assert (wrapped.__name__, wrapped.__doc__) == ("inverse", "Return 1 / x.")

    def test_leaves_the_settings_of_the_compiler(self, tmp_path, monkeypatch):
        before = config.CACHE_DIR
        seen = []
        monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
        monkeypatch.setattr(
            module.numba, "njit", lambda **_: lambda one: seen.append(config.CACHE_DIR) or one
        )
        assert module.compiled(functools.cmp_to_key) is functools.cmp_to_key
        assert seen == [str(tmp_path)]
        assert before == config.CACHE_DIR

    @only_compiled
    def test_division_by_zero_is_no_branch_and_sums_keep_their_order(self):
        def inverse_of_sum(values: np.ndarray) -> float:
            total = 0.0
            for k in range(values.shape[0]):
                total += values[k]
            return 1.0 / total

        wrapped = module.compiled(inverse_of_sum)
        assert wrapped(np.zeros(3)) == np.inf
        # From left to right the ones are lost in 1e16; in another order they would count.
        assert wrapped(np.array([1.0, 1e16, 1.0, -1e16, 0.5])) == 2.0

    @only_compiled
    def test_what_python_calls_is_listed_and_what_it_does_not_is_not(self, entries):
        def twice(x: float) -> float:
            return x + x

        module.inlined(twice)
        module.source_inlined(twice)
        module.noalias_loop(twice)
        assert entries == []
        wrapped = module.compiled(twice)
        assert entries == [wrapped]

    @only_compiled
    def test_a_function_that_makes_an_array_is_refused(self):
        def zeros(n: int) -> float:
            return np.zeros(n)[0]

        with pytest.raises(NumbaError):
            module.compiled(zeros)(3)

    @only_compiled
    def test_compile_for_the_types_of_arguments_calls_nothing(self):
        def fill(row: np.ndarray, value: float) -> None:
            for run in range(row.shape[0]):
                row[run] = value

        wrapped, row = module.compiled(fill), np.zeros(2)
        module.compile_for(wrapped, [row, 1.0])
        assert len(wrapped.signatures) == 1
        assert row.tolist() == [0.0, 0.0]
        wrapped(row, 1.0)
        assert len(wrapped.signatures) == 1
        assert row.tolist() == [1.0, 1.0]

    @pytest.mark.parametrize("off", [0, 1])
    def test_compiler_is_on_unless_the_environment_says_otherwise(self, monkeypatch, off):
        monkeypatch.setattr(config, "DISABLE_JIT", off)
        assert module.compiler_is_on() is not bool(off)


def halves(x: float) -> tuple[float, float]:
    """Return a third of x and what is left."""
    third = x / 3.0
    return third, x - third


def mixed(x: float, y: float) -> float:
    """Return a number whose last digits depend on the order of the sums."""
    larger = x if x > y else y
    return (x + 1e-3) * y - larger / (x - y)


every_inlining = pytest.mark.parametrize("name", ["inlined", "source_inlined", "noalias_loop"])


@pytest.mark.usefixtures("entries")
@every_inlining
class TestForCompiledCallers:
    def test_keep_name_and_docstring(self, name):
        wrapped = getattr(module, name)(mixed)
        assert (wrapped.__name__, wrapped.__doc__) == ("mixed", mixed.__doc__)

    def test_are_plain_when_python_calls_them(self, name):
        def kind(x: float) -> str:
            # No compiler would take this: a set of kinds, and text for a number.
            return ", ".join(sorted({type(x).__name__, str(x)}))

        wrapped = getattr(module, name)(kind)
        assert wrapped(1) == "1, int"
        assert wrapped(1.5) == "1.5, float"
        assert wrapped(np.float32(0.5)) == "0.5, float32"

    @only_compiled
    def test_get_no_entry_from_python_and_no_file(self, name, monkeypatch):
        monkeypatch.setattr(module, "cache_folder", lambda: pytest.fail("asked for a folder"))
        wrapped = getattr(module, name)(mixed)
        assert wrapped.py_func is mixed
        assert wrapped(2.0, 3.0) == mixed(2.0, 3.0)
        assert wrapped.signatures == []
        assert wrapped.targetoptions["no_cpython_wrapper"] is True

    @only_compiled
    def test_compiled_callers_get_the_same_bits(self, name):
        one, other = (getattr(module, name)(function) for function in (mixed, halves))

        def over_runs(values: np.ndarray, into: np.ndarray) -> None:
            for run in range(values.shape[0]):
                third, left = other(values[run])
                into[run] = one(third, left)

        caller = module.compiled(over_runs)
        values = np.random.default_rng(3).normal(0.0, 5.0, 1001)
        seen, plain = np.zeros(1001), np.zeros(1001)
        caller(values, seen)
        over_runs(values, plain)
        assert caller.signatures
        assert np.array_equal(seen.view(np.int64), plain.view(np.int64))

    @only_compiled
    def test_divide_by_zero_as_numpy_does_in_a_compiled_caller(self, name):
        inverse = getattr(module, name)(lambda x: 1.0 / x)

        def outer(x: float) -> float:
            return inverse(x)

        assert module.compiled(outer)(0.0) == np.inf

    def test_without_the_compiler_the_function_itself_is_left(self, name, monkeypatch):
        monkeypatch.setattr(config, "DISABLE_JIT", 1)
        assert getattr(module, name)(mixed) is mixed


@only_compiled
def test_a_noalias_loop_spares_the_comparison_of_addresses():
    def scale(row: np.ndarray, other: np.ndarray, total: np.ndarray) -> None:
        for run in range(row.shape[0]):
            total[run] = row[run] * other[run]

    def checks(mark):
        inner = mark(scale)

        def over_rows(row: np.ndarray, other: np.ndarray, total: np.ndarray) -> None:
            inner(row, other, total)

        rows = np.arange(24.0).reshape(3, 8)
        again = numba.njit(error_model="numpy", _nrt=False)(over_rows)
        again(*rows)
        assert np.array_equal(rows[2], rows[0] * rows[1])
        (code,) = again.inspect_llvm().values()
        return len(re.findall(r"^vector\.memcheck", code, re.MULTILINE))

    assert checks(module.noalias_loop) == 0 < checks(module.inlined)


@pytest.mark.usefixtures("entries")
@only_compiled
class TestCallAt:
    def test_calls_what_was_compiled_by_itself(self):
        def double(row: np.ndarray, first: int) -> None:
            for run in range(first, row.shape[0]):
                row[run] = 2.0 * row[run]

        def call(address: int, row: np.ndarray, first: int) -> None:
            module.call_at(address, (row, first))

        row = np.arange(4.0)
        address = module.machine_code(module.compiled(double), (row, 0))
        assert row.tolist() == [0.0, 1.0, 2.0, 3.0]
        module.compiled(call)(address, row, 2)
        assert row.tolist() == [0.0, 1.0, 4.0, 6.0]

    def test_an_error_comes_through(self):
        def refuse(first: int) -> None:
            if first > 1:
                raise ValueError("too far")

        def call(address: int, first: int) -> None:
            module.call_at(address, (first,))

        caller = module.compiled(call)
        address = module.machine_code(module.compiled(refuse), (0,))
        caller(address, 1)
        with pytest.raises(ValueError, match="too far"):
            caller(address, 2)


@only_compiled
def test_few_functions_are_inlined_by_their_source():
    # They are compiled again in every caller.
    assert incidents.poisson_count.targetoptions.get("inline") == "always"
    assert "inline" not in incidents.presence_multiplier.targetoptions


# What the digest covers.


def sources():
    """The files that compiled code depends on, and what they hold."""
    paths = [path for pattern in module.COMPILED_SOURCES for path in SOURCE.glob(pattern)]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def test_every_pattern_finds_a_file():
    assert all(list(SOURCE.glob(pattern)) for pattern in module.COMPILED_SOURCES)


def test_all_compiled_code_is_covered():
    holders = {
        path
        for path in SOURCE.rglob("*.py")
        if list(compiled_functions(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert len(holders) > 20
    assert holders <= set(sources())


def test_whatever_compiled_code_names_is_covered():
    # A constant of another file is compiled in, too.
    covered = set(sources())
    for path, tree in sources().items():
        imported = {
            alias.asname or alias.name: SOURCE.joinpath(*node.module.split(".")[1:])
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("regional_sim.")
            for alias in node.names
        }
        named = {
            node.id
            for function in compiled_functions(tree)
            for statement in function.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name)
        }
        for name in named & set(imported):
            origin = imported[name]
            assert {origin.with_suffix(".py"), origin / f"{name}.py"} & covered, f"{path}: {name}"


def test_an_edit_of_what_is_not_compiled_compiles_nothing():
    names = {path.relative_to(SOURCE).as_posix() for path in sources()}
    assert "model/instruments.py" in names
    assert "numerics/statistics.py" not in names
    assert {name.split("/")[0] for name in names} == {"numerics", "model", "engine"}
    assert [name for name in names if name.startswith("engine")] == ["engine/build.py"]
