"""The decorator that compiles, the cache it keeps, and the test that every rule has tests."""

import ast
import functools
from pathlib import Path

import numpy as np
import pytest
from numba.core import config

from regional_sim.rules import compiled as module
from regional_sim.rules import numeric

HERE = Path(__file__).resolve().parent
RULES = sorted(Path(module.__file__).parent.glob("*.py"))


# Every rule has a test.


def public_functions(source: str) -> list[str]:
    """Names of the public functions at the top of a module."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def names_in_tests(source: str) -> set[str]:
    """Every name that stands in a test function; an import alone does not count."""
    return {
        name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
        for node in ast.walk(function)
        if (name := getattr(node, "id", getattr(node, "attr", None))) is not None
    }


def test_every_rule_has_a_test():
    untested, n_functions = [], 0
    for path in RULES:
        functions = public_functions(path.read_text(encoding="utf-8"))
        tests = HERE / f"test_rules_{path.stem}.py"
        named = names_in_tests(tests.read_text(encoding="utf-8")) if tests.exists() else set()
        untested += [f"{path.stem}.{name}" for name in functions if name not in named]
        n_functions += len(functions)
    assert n_functions > 50
    assert not untested, f"no test names: {', '.join(untested)}"


def test_a_rule_without_a_test_is_found():
    tests = "from rules import force, pull\ndef test_force(): assert force(1) == module.push(2)\n"
    assert names_in_tests(tests) >= {"force", "push"}
    assert "pull" not in names_in_tests(tests)
    assert public_functions("def force(): ...\ndef _own(): ...\nclass A: ...\n") == ["force"]


# The digest that names the cache.


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package in place of the real one."""
    for name, text in {
        "rules/compiled.py": "a = 1",
        "world/phases/force.py": "b = 2",
        "report/figure.py": "c = 3",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "rules" / "compiled.py"))
    return tmp_path


class TestSourceDigest:
    def test_sixteen_digits_that_stay(self):
        digest = module.source_digest()
        assert digest == module.source_digest()
        assert len(digest) == 16
        assert set(digest) <= set("0123456789abcdef")

    @pytest.mark.parametrize("name", ["rules/compiled.py", "world/phases/force.py"])
    def test_changes_with_an_edit(self, package, name):
        before = module.source_digest()
        (package / name).write_text("d = 4")
        assert module.source_digest() != before

    def test_changes_with_another_file_or_another_name(self, package):
        before = module.source_digest()
        (package / "rules" / "payoff.py").write_text("")
        added = module.source_digest()
        (package / "rules" / "payoff.py").rename(package / "rules" / "trade.py")
        assert len({before, added, module.source_digest()}) == 3

    def test_files_that_are_not_compiled_do_not_count(self, package):
        before = module.source_digest()
        (package / "report" / "figure.py").write_text("d = 4")
        (package / "rules" / "notes.txt").write_text("")
        assert module.source_digest() == before

    def test_changes_with_the_settings_of_the_compiler(self, monkeypatch):
        before = module.source_digest()
        monkeypatch.setenv("NUMBA_OPT", "2")
        assert module.source_digest() != before


class TestCacheFolder:
    def test_named_by_the_digest(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / name)
        folder = module.cache_folder.__wrapped__()
        assert folder == tmp_path / "regional_sim" / "compiled" / module.source_digest()
        assert list(folder.iterdir()) == []

    def test_none_where_nothing_can_be_written(self, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / "file" / name)
        assert module.cache_folder.__wrapped__() is None


class TestCompiled:
    @pytest.fixture(autouse=True)
    def _without_cache(self, monkeypatch):
        monkeypatch.setattr(module, "cache_folder", lambda: None)

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

    @pytest.mark.skipif(not hasattr(numeric.exp, "py_func"), reason="nothing is compiled")
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
