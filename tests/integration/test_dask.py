"""Workers of a Dask cluster: the same bytes as threads, whatever happens to them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

import regional_sim
from regional_sim.engine.job import BatchJob
from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping, tasks
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.posture import posture_of
from regional_sim.experiment.tasks import balanced, job_of, tasks_of
from regional_sim.postures import Instrument, Policy, Targets, create
from regional_sim.runner import dask
from regional_sim.runner.runner import RunFailedError, RunInterruptedError, execute
from regional_sim.runner.serialised_job import deserialised, own_modules, serialised
from regional_sim.runner.workers import WorkersLostError
from tests.support import sweeps
from tests.support.policies import policies_forgotten, policy_file  # noqa: F401 (a fixture)
from tests.support.processes import HUNG_SECONDS, ended, happens, start
from tests.support.sweeps import digests

distributed = pytest.importorskip("distributed", reason="needs the extra: dask")

SMALL = sweeps.SMALL | {
    "design": {"kind": "grid", "factors": {"parameters.signal_gain": [0.1, 0.2]}},
    "tables": ["runs", "dyads"],
}
N_TASKS = 8
"""Into which :func:`cut_small` cuts it."""


def small(**changes):
    return experiment_from_mapping(SMALL | changes)


@dataclass(frozen=True)
class Failing(Policy):
    """Fails in some runs, on whatever worker."""

    name: ClassVar[str] = "failing"
    rule: ClassVar[str] = "as traditional, but fails where tension is high"
    reference: ClassVar[str] = "a test"
    reads: ClassVar[tuple[str, ...]] = ("tension",)

    limit: float = 0.0

    def targets(self, month: int, observed) -> Targets:
        if month and (observed.last("tension") > self.limit).any():
            raise ArithmeticError("tension is high")
        return {Instrument.joint_patrols: 0.5}


@dataclass(frozen=True)
class Deadly(Policy):
    """Ends the process that asks it, as want of memory would."""

    name: ClassVar[str] = "deadly"
    rule: ClassVar[str] = "ends"
    reference: ClassVar[str] = "a test"

    def targets(self, month: int, observed) -> Targets:  # noqa: ARG002
        os._exit(1)


# ------------------------------------------------------------------- a cluster


class Processes:
    """A scheduler and workers as processes of their own, on the loopback address."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.environment = environment
        self.file = folder / "scheduler.json"
        self.started = []
        quiet = ["--no-dashboard", "--host", "127.0.0.1", "--port", "0"]
        self.scheduler = self.start("dask_scheduler", *quiet, "--scheduler-file", str(self.file))
        wait_until(self.file.exists)
        self.client = distributed.Client(
            scheduler_file=str(self.file), timeout=HUNG_SECONDS, set_as_default=False
        )
        self.address = self.client.scheduler.address

    def start(self, kind, *arguments):
        # Only the package is on the path: workers do not know the tests.
        path = str(Path(regional_sim.__file__).parents[1])
        with (self.folder / f"{kind}_{len(self.started)}.log").open("w") as log:
            process = start(
                [sys.executable, "-P", "-m", f"distributed.cli.{kind}", *arguments],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        return process

    def add_workers(self, n=1, threads=1):
        """Start workers, and return their processes when they have joined."""
        already = len(self.workers())
        options = ["--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        options += ["--nthreads", str(threads), "--local-directory", str(self.folder)]
        file = ["--scheduler-file", str(self.file)]
        made = [self.start("dask_worker", *options, *file) for _ in range(n)]
        self.client.wait_for_workers(already + n, timeout=HUNG_SECONDS)
        return made

    @contextmanager
    def with_workers(self, n=1):
        made = self.add_workers(n)
        try:
            yield made
        finally:
            self.end(*made)
            wait_until(lambda: not self.workers())

    def workers(self):
        return self.client.scheduler_info()["workers"]

    def address_of(self, process):
        pids = self.client.run(os.getpid)
        return next(address for address, pid in pids.items() if pid == process.pid)

    def end(self, *processes):
        for process in processes:
            process.kill()
            process.wait()

    def close(self):
        try:
            self.client.close(timeout=HUNG_SECONDS)
        finally:
            self.end(*self.started)


def wait_until(true):
    assert happens(true)


@contextmanager
def processes(folder, **environment):
    made = Processes(folder, **environment)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A cluster with two workers; whoever kills one or adds one puts it right again."""
    with processes(tmp_path_factory.mktemp("shared")) as made:
        made.add_workers(2)
        yield made


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A scheduler without workers; whoever adds one ends it."""
    with processes(tmp_path_factory.mktemp("bare")) as made:
        yield made


@pytest.fixture(autouse=True)
def cut_small(monkeypatch):
    """Cut sweeps into many tasks."""
    monkeypatch.setattr(dask, "_LOOK_SECONDS", 0.1)
    with sweeps.finely_cut():
        yield


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected") / "out"
    return digests(execute(small(), folder))


def held(made):
    """Return the results that workers hold."""
    return [key for keys in made.client.has_what().values() for key in keys]


def known(made):
    """Return the tasks that the scheduler knows."""
    return made.client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks))


def at_first(done, act):
    """Make a callback that acts once, after as many runs."""
    acted = []

    def progress(done_runs, total_runs):
        if done_runs >= done and not acted:
            acted.append(done_runs)
            act()

    return progress


def interrupt():
    raise KeyboardInterrupt


# -------------------------------------------------------------- the same bytes


@pytest.mark.slow
def test_a_sweep_outlives_a_worker_that_is_killed_with_results_in_its_hands(
    shared, expected, tmp_path
):
    (victim,) = shared.add_workers()
    address = shared.address_of(victim)

    def kill():
        # Nothing is fetched meanwhile, so what it has finished dies with it.
        wait_until(lambda: shared.client.has_what()[address])
        victim.send_signal(signal.SIGKILL)

    progress = at_first(1, kill)
    execute(small(), tmp_path / "out", dask=shared.address, progress=progress)
    assert digests(tmp_path / "out") == expected
    assert victim.wait() == -signal.SIGKILL
    wait_until(lambda: len(shared.workers()) == 2)


def test_a_cluster_on_this_machine_changes_no_byte(expected, tmp_path):
    execute(small(), tmp_path / "out", dask="local", workers=2)
    assert digests(tmp_path / "out") == expected


def test_mesa_on_a_cluster_writes_the_same_tables(shared, tmp_path):
    for name, manner in (("here", {}), ("there", {"dask": shared.address})):
        execute(small(replicates=2), tmp_path / name, engine="mesa", **manner)
    assert digests(tmp_path / "there") == digests(tmp_path / "here")


def test_a_rule_of_stopping_joins_a_cluster_once(shared, tmp_path, monkeypatch):
    joined = []
    connect = dask._client
    monkeypatch.setattr(dask, "_client", lambda *given: joined.append(1) or connect(*given))
    until = {"metric": "tension", "window": "whole", "half_width": 1e-9}
    rule = {"at_least": 4, "at_most": 8, "batch": 2, "until": until}
    execute(small(replicates=rule), tmp_path / "here")
    execute(small(replicates=rule), tmp_path / "there", dask=shared.address)
    assert digests(tmp_path / "there") == digests(tmp_path / "here")
    assert joined == [1]


def test_two_sweeps_of_a_plan_at_a_time_do_not_meet(shared, expected, tmp_path):
    at_once = [
        threading.Thread(target=execute, args=(small(), tmp_path / name), kwargs=manner)
        for name, manner in (
            ("stop", {"dask": shared.address}),
            ("continue", {"dask": shared.address, "on_error": "continue"}),
        )
    ]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()
    assert digests(tmp_path / "stop") == digests(tmp_path / "continue") == expected


# --------------------------------------------------------- order, and how much


def test_tasks_are_begun_in_their_order_and_few_at_a_time(bare):
    plan = Plan.of(small())
    in_order = balanced(tasks_of(plan))
    assert len(in_order) == N_TASKS
    taken = []

    def hand_over():
        for task in in_order:
            taken.append(task)
            yield task

    with bare.with_workers(), dask.Cluster(plan, bare.address, 1) as workers:
        finished = workers._finished(workers._joined(), hand_over())
        seen = [next(finished)[0]]
        # One is handed over, as many as are allowed are under way, and no more was asked for.
        assert len(taken) == 1 + dask.MOST_EACH
        wait_until(lambda: len(held(bare)) == dask.MOST_EACH)
        seen += [task for task, _ in finished]
    assert seen == in_order


def test_a_cluster_forgets_a_sweep(shared, tmp_path):
    execute(small(), tmp_path / "out", dask=shared.address)
    wait_until(lambda: not known(shared))


def test_what_a_task_sends_is_small():
    factors = {"parameters.signal_gain": [n / 100 for n in range(1, 51)]}
    design = {"kind": "grid", "factors": factors}
    plan = Plan.of(small(scenario="baseline", replicates=2, settings={}, tables=[], design=design))
    task = tasks.Task(tuple(range(50)), 0, 2)
    assert len(serialised(job_of(plan, task))) < 100_000


# ------------------------------------------------------------ interrupt, resume


def test_an_interrupt_lets_the_workers_go_and_can_be_gone_on_from(shared, expected, tmp_path):
    with pytest.raises(RunInterruptedError, match=r"8 of 32 runs .* --resume goes on"):
        execute(small(), tmp_path / "out", dask=shared.address, progress=at_first(8, interrupt))
    wait_until(lambda: not held(shared))
    wait_until(lambda: not known(shared))
    execute(small(), tmp_path / "out", dask=shared.address, resume=True)
    assert digests(tmp_path / "out") == expected


def test_nothing_is_joined_where_nothing_is_left_to_run(expected, tmp_path):
    with pytest.raises(RunInterruptedError):
        execute(small(), tmp_path / "out", progress=at_first(32, interrupt))
    execute(small(), tmp_path / "out", resume=True, dask="tcp://127.0.0.1:1")
    assert digests(tmp_path / "out") == expected


@pytest.mark.slow
def test_a_scheduler_that_ends_leaves_what_is_finished(expected, tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "_SILENCE_SECONDS", 10)
    with processes(tmp_path) as made:
        made.add_workers()
        progress = at_first(8, lambda: made.end(made.scheduler))
        message = r"scheduler ended, .*; \d+ of 32 runs are finished and kept .*--resume"
        with pytest.raises(WorkersLostError, match=message):
            execute(small(), tmp_path / "out", dask=made.address, progress=progress)
    assert len(list((tmp_path / "out" / "blocks").glob("*.npz"))) >= 2
    execute(small(), tmp_path / "out", resume=True)
    assert digests(tmp_path / "out") == expected


@pytest.mark.slow
def test_a_sweep_whose_workers_are_all_gone_ends(bare, tmp_path, monkeypatch):
    with bare.with_workers() as workers:

        def kill():
            bare.end(*workers)
            monkeypatch.setattr(dask, "CLUSTER_PATIENCE_SECONDS", 0.3)

        with pytest.raises(WorkersLostError, match=r"no worker for 0\.3 seconds; 4 of 32 runs"):
            execute(small(), tmp_path / "out", dask=bare.address, progress=at_first(4, kill))


@pytest.mark.slow
def test_a_task_that_kills_its_workers_is_named(tmp_path):
    deadly = replace(small(), postures=(posture_of(Deadly()),))
    with processes(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as made:
        made.add_workers(2)
        message = r"that ran points_\d_\d_replicates_\d_\d ended .* want of memory; 0 of 16 runs"
        with pytest.raises(WorkersLostError, match=message) as caught:
            execute(deadly, tmp_path / "out", dask=made.address)
    assert isinstance(caught.value.__cause__.__cause__, distributed.KilledWorker)


# ------------------------------------------------------------ policies of one's own


def test_a_policy_that_workers_do_not_know_travels_and_fails_there(shared, tmp_path):
    def execute_failing(name, **manner):
        postures = (*small().postures, posture_of(Failing(limit=0.3)))
        return execute(replace(small(), postures=postures), tmp_path / name, **manner)

    for name, manner in (("here", {}), ("there", {"dask": shared.address})):
        execute_failing(name, on_error="continue", **manner)
    assert digests(tmp_path / "there") == digests(tmp_path / "here")
    failures = (tmp_path / "there" / "failures.csv").read_text().splitlines()
    assert 2 <= len(failures) <= 16
    assert "test_dask.py" in failures[1]
    with pytest.raises(RunFailedError, match="ArithmeticError: tension is high"):
        execute_failing("stopped", dask=shared.address)


def test_what_a_policy_imports_from_the_users_own_modules_travels(tmp_path, monkeypatch):
    (tmp_path / "own_helper.py").write_text("def half(x):\n    return x / 2\n")
    (tmp_path / "own_policy.py").write_text(
        "from dataclasses import dataclass\n"
        "import own_helper\n"
        "from regional_sim.postures import Instrument, Policy\n"
        "@dataclass(frozen=True)\n"
        "class Own(Policy):\n"
        "    name, rule, reference = 'own', 'own', 'own'\n"
        "    def targets(self, month, observed):\n"
        "        return {Instrument.joint_patrols: own_helper.half(1.0)}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import own_policy

    scenario = small().scenario
    sent = serialised(BatchJob.of(scenario, [own_policy.Own()], 1))
    for name in ("own_policy", "own_helper"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", sys.path[1:])
    (policy,) = deserialised(sent).cases[0].postures
    assert policy.targets(0, None) == {Instrument.joint_patrols: 0.5}


@pytest.mark.usefixtures("policies_forgotten")
def test_an_imported_file_travels_as_text_also_when_it_has_changed(shared, tmp_path):
    for width in (0.5, 0.9):
        file = policy_file(tmp_path / "own.py", "far_away", width)
        regional_sim.import_policies(file)
        here, there = (tmp_path / f"{side}_{width}" for side in ("here", "there"))
        execute(small(postures=["traditional", "far_away"]), here)
        file.unlink()
        execute(small(postures=["traditional", "far_away"]), there, dask=shared.address)
        assert digests(there) == digests(here)


def test_code_that_is_installed_does_not_travel():
    own = {module.__name__ for module in own_modules()}
    assert __name__ in own
    assert not {"numpy", "regional_sim", "regional_sim.postures.policy", "json"} & own


def test_a_policy_that_cannot_be_sent_is_refused():
    policy = create("levels")
    object.__setattr__(policy, "early_warning", threading.Lock())
    with pytest.raises(InputError, match="cannot be sent to workers"):
        serialised(BatchJob.of(small().scenario, [policy], 1))


def test_a_policy_whose_module_is_missing_on_the_worker_is_refused(monkeypatch):
    gone = ModuleType("gone_module")
    gone.Gone = type("Gone", (), {"__module__": "gone_module"})
    monkeypatch.setitem(sys.modules, "gone_module", gone)
    sent = serialised(BatchJob.of(small().scenario, [gone.Gone()], 1))
    monkeypatch.delitem(sys.modules, "gone_module")
    with pytest.raises(InputError, match=r"cannot make the postures: .*gone_module"):
        deserialised(sent)


# --------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "nowhere", "tcp://127.0.0.1:port", "tls://127.0.0.1:1"]
)
def test_an_address_without_a_scheduler_is_refused(tmp_path, monkeypatch, address):
    monkeypatch.setattr(dask, "CLUSTER_PATIENCE_SECONDS", 0.2)
    with pytest.raises(InputError, match="no Dask scheduler answers") as caught:
        execute(small(), tmp_path / "out", dask=address)
    assert (caught.value.exit_code, caught.value.value) == (2, address)


def test_something_else_that_listens_is_no_scheduler(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "CLUSTER_PATIENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = "tcp://{}:{}".format(*server.getsockname())
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            execute(small(), tmp_path / "out", dask=address)


def test_a_worker_is_no_scheduler(shared, tmp_path):
    address = next(iter(shared.workers()))
    with pytest.raises(InputError, match="of a worker, not of a scheduler"):
        execute(small(), tmp_path / "out", dask=address)


@pytest.mark.slow
def test_nothing_is_said_beside_the_message(tmp_path):
    code = (
        "import sys\n"
        "from regional_sim.experiment import experiment_from_mapping\n"
        "from regional_sim.runner import dask\n"
        "from regional_sim.runner.runner import execute\n"
        "from regional_sim.errors import InputError\n"
        "dask.CLUSTER_PATIENCE_SECONDS = 0.2\n"
        "try:\n"
        f"    execute(experiment_from_mapping({SMALL!r}), 'out', dask='tcp://127.0.0.1:1')\n"
        "except InputError:\n"
        "    sys.exit(2)\n"
    )
    done = ended("-W", "error", "-c", code, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_a_cluster_without_workers_is_refused(bare, tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "CLUSTER_PATIENCE_SECONDS", 1)
    # A busy scheduler may take longer to answer.
    monkeypatch.setattr(dask, "_refuse_silent", lambda _: None)
    with pytest.raises(InputError, match="no worker after 1 seconds"):
        execute(small(), tmp_path / "out", dask=bare.address)


def test_workers_with_other_versions_are_refused_by_name(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "package_digest", lambda: "another")
    worker = min(shared.workers())
    with pytest.raises(InputError, match=f"worker {worker} has .*source code .* there, another"):
        execute(small(), tmp_path / "out", dask=shared.address)


def test_a_worker_that_joins_later_is_refused_too(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "_refuse_other_versions", lambda *_: None)
    monkeypatch.setattr(dask, "package_digest", lambda: "another")
    with pytest.raises(InputError, match=r"worker tcp://127.* has .*source code .* here"):
        execute(small(), tmp_path / "out", dask=shared.address)


def test_each_difference_is_told():
    wanted = {**dask.found(), "numpy": "1.0", "abacus": "3"}
    numpy = dask.found()["numpy"]
    assert dask.version_differences(dask.found()) == []
    assert dask.version_differences(wanted) == [
        f"numpy {numpy} there, 1.0 here",
        "abacus is missing there, 3 here",
    ]


def test_without_dask_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"not installed.*regional_sim\[dask\]"):
        execute(small(), tmp_path / "out", dask="local")
