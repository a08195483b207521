"""Policies from files: executed once, told by their content, and made anew from their text."""

import copy
import hashlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping, posture_of
from regional_sim.postures import POLICIES, Instrument, create, import_policies, policy_names
from regional_sim.postures.imported import import_faults, imported_files
from tests.support.policies import (
    forget_policies,
    policies_forgotten,  # noqa: F401 (a fixture)
    policy_file,
    policy_text,
)

pytestmark = pytest.mark.usefixtures("policies_forgotten")

FAULTY = {
    "two words of no syntax": ("x = 1\ndef f(:\n", "own.py:2: cannot be imported: SyntaxError: "),
    "an error while it runs": ("x = [\n]\nx[7]\n", "own.py:3: cannot be imported: IndexError: "),
    "an error further down": (
        "import json\n\njson.loads('{')\n",
        "own.py:3: cannot be imported: JSONDecodeError: ",
    ),
    "a module that is not there": (
        "import no_such_module_here\n",
        "own.py:1: cannot be imported: ModuleNotFoundError: No module named 'no_such_module_here';"
        " a file stands alone",
    ),
    "an end of the program": ("raise SystemExit(0)\n", "own.py:1: cannot be imported: it ends"),
    "no policy": ("x = 1\n", "own.py: registers no policy; put @regional_sim.register"),
    "a name of the package": (
        policy_text("reactive"),
        "own.py:10: reactive: another policy has this name; that one is of the package",
    ),
    "no class": (
        "import regional_sim\nregional_sim.register(print)\n",
        "own.py:2: register: is no subclass of regional_sim.Policy",
    ),
    "no rule": (
        policy_text().replace("rule: ClassVar", "role: ClassVar"),
        "own.py:10: Own.rule: a policy says this in a text",
    ),
    "text that is not UTF-8": ("x = '\udcff'\n", "own.py:1: cannot be imported: SyntaxError"),
}


@pytest.mark.parametrize(("text", "said"), FAULTY.values(), ids=FAULTY.keys())
def test_a_file_that_cannot_be_imported_is_one_message_and_changes_nothing(text, said, tmp_path):
    before = policy_names(), set(sys.modules)
    file = tmp_path / "own.py"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError) as caught:
        import_policies(file)
    (line,) = str(caught.value).splitlines()
    assert said in line
    added = set(sys.modules) - before[1]
    assert policy_names() == before[0]
    assert not [
        name for name in added if name.startswith("regional_sim_") and "no policy" not in line
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.py", "no such file"),
        ("folder.py", "is a directory"),
        ("own.txt", "ends in .py"),
        ("a\0b.py", "no file can have this name"),
    ],
)
def test_what_is_no_file_of_python_is_refused(name, said, tmp_path):
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "own.txt").write_text(policy_text())
    with pytest.raises(InputError, match=said):
        import_policies(tmp_path / name)


def test_whatever_a_policy_raises_while_it_is_made_is_a_message(tmp_path):
    check = "\n    def __post_init__(self):\n        1 / (self.width - 0.5)\n"
    (tmp_path / "own.py").write_text(policy_text() + check)
    import_policies(tmp_path / "own.py")
    design = {"kind": "grid", "factors": {"posture.width": [0.4, 0.5]}}
    asked = {"scenario": "two_states", "seed": 0, "replicates": 1, "postures": ["open_line"]}
    for make in (
        lambda: create("open_line", {"width": 0.5}),
        lambda: posture_of("open_line:width=0.5"),
        lambda: posture_of("open_line").with_settings({"width": 0.5}),
        lambda: experiment_from_mapping(asked | {"design": design}),
    ):
        with pytest.raises(InputError, match="policy open_line refuses this: float division"):
            make()


def test_its_policies_are_known_by_name(tmp_path):
    file = policy_file(tmp_path / "own.py")
    (kind,) = import_policies(file)
    assert create("open_line", {"width": 0.5}) == kind(0.5)
    assert import_policies(file) == [kind]
    assert kind().targets(0, None) == {Instrument.crisis_channel: 0.75}
    assert imported_files([kind, POLICIES["levels"]]) == {
        "own.py": hashlib.sha256(file.read_bytes()).hexdigest()
    }


def test_nothing_is_added_to_the_path_and_no_module_is_hidden(tmp_path):
    before = list(sys.path)
    import_policies(policy_file(tmp_path / "json.py"))
    import json

    assert json.dumps({}) == "{}"
    assert sys.path == before


def test_a_changed_file_takes_the_place_of_what_it_was(tmp_path):
    (old,) = import_policies(policy_file(tmp_path / "own.py"))
    (new,) = import_policies(policy_file(tmp_path / "own.py", width=0.25))
    assert POLICIES["open_line"] is new is not old
    (tmp_path / "own.py").write_text("x = ")
    with pytest.raises(InputError):
        import_policies(tmp_path / "own.py")
    assert POLICIES["open_line"] is new
    policy_file(tmp_path / "own.py")
    assert import_policies(tmp_path / "own.py") == [old]


def test_two_files_have_no_policy_of_one_name(tmp_path):
    import_policies(policy_file(tmp_path / "own.py"))
    other = policy_file(tmp_path / "other.py", width=0.35)
    with pytest.raises(InputError, match=r"other\.py:10: open_line: another .* of own\.py"):
        import_policies(other)


def test_what_cannot_be_registered_whole_is_not_registered(tmp_path):
    """A file that was executed before may meet a name that is taken by now."""
    file = policy_file(tmp_path / "own.py", "one", 0.65)
    other = policy_text("two", 0.65).partition("@regional_sim.register")[2]
    file.write_text(file.read_text() + "\n\n@regional_sim.register" + other)
    before = dict(POLICIES)
    import_policies(file)
    forget_policies(before)
    import_policies(policy_file(tmp_path / "other.py", "two", 0.55))
    with pytest.raises(InputError, match=r"own\.py: two: another .* of other\.py"):
        import_policies(file)
    assert POLICIES.keys() - before.keys() == {"two"}


def test_a_policy_with_a_base_from_another_file_names_both(tmp_path):
    import_policies(policy_file(tmp_path / "base.py"))
    derived = tmp_path / "derived.py"
    derived.write_text(
        "import regional_sim\n"
        "from regional_sim.postures import POLICIES\n"
        "@regional_sim.register\n"
        "class Derived(POLICIES['open_line']):\n"
        "    name = 'derived'\n"
    )
    assert set(imported_files(import_policies(derived))) == {"base.py", "derived.py"}


def test_two_files_of_one_name_do_not_stand_in_one_plan(tmp_path):
    kinds = [
        *import_policies(policy_file(tmp_path / "a" / "own.py", "one")),
        *import_policies(policy_file(tmp_path / "b" / "own.py", "two")),
    ]
    with pytest.raises(InputError, match="two imported files have this name"):
        imported_files(kinds)


@pytest.mark.parametrize("form", ["frozen=True", "frozen=True, slots=True"])
def test_a_policy_is_made_anew_where_its_file_is_not(form, tmp_path):
    """Send a policy to a process that has never seen the file, and copy it here."""
    file = tmp_path / "own.py"
    file.write_text(policy_text().replace("frozen=True", form))
    (kind,) = import_policies(file)
    assert copy.deepcopy(kind(0.5)) == kind(0.5)
    assert pickle.loads(pickle.dumps(kind(0.5))) == kind(0.5)
    sent = pickle.dumps([kind(0.5), kind()])
    file.unlink()
    code = (
        "import pickle, sys; from regional_sim.postures import policy_names;"
        " one, two = pickle.load(sys.stdin.buffer);"
        " print(one.width, two.width, type(one) is type(two), 'open_line' in policy_names())"
    )
    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, check=True)
    assert done.stdout.decode().split() == ["0.5", "0.75", "True", "False"]


class TestPlansWithImports:
    def faults(self, **wanted):
        return [str(fault) for fault in import_faults(wanted, "plan.json")]

    def test_a_file_that_is_here_under_any_name_is_no_fault(self, tmp_path):
        kinds = import_policies(policy_file(tmp_path / "own.py"))
        (digest,) = imported_files(kinds).values()
        assert self.faults(own=digest) == self.faults(renamed=digest) == self.faults() == []

    def test_a_file_that_is_not_here_is_named_with_its_digest(self):
        (line,) = self.faults(**{"own.py": "ab" * 32})
        assert "own.py" in line
        assert "ab" * 32 in line
        assert "--import own.py" in line

    def test_another_file_of_the_name_is_refused(self, tmp_path):
        import_policies(policy_file(tmp_path / "own.py"))
        (line,) = self.faults(**{"own.py": "ab" * 32})
        assert "the file own.py that is imported here is not the one" in line

    @pytest.mark.parametrize("wanted", [[], "own.py", {"own.py": 3}])
    def test_another_form_is_refused(self, wanted):
        (fault,) = import_faults(wanted, "plan.json")
        assert fault.key == "imports"


def test_the_path_may_be_relative(tmp_path, monkeypatch):
    policy_file(tmp_path / "own.py", width=0.45)
    monkeypatch.chdir(tmp_path)
    (kind,) = import_policies("own.py")
    assert Path(sys.modules[kind.__module__].__file__) == tmp_path / "own.py"
