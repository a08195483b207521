"""Comparing two tables: every difference is named at its place, and nothing else is one."""

import math
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.analysis import cell_diff
from regional_sim.analysis.cell_diff import Difference, compare_tables, text_differences
from regional_sim.results.columns import INTEGER, NUMBER, TEXT, TableColumn
from regional_sim.results.table_file import read_table, table_writer

KINDS = {"run": INTEGER, "posture": TEXT, "tension": NUMBER, "risk": NUMBER}
COLUMNS = [TableColumn(name, kind, "") for name, kind in KINDS.items()]
TABLE = (
    "run,posture,tension,risk\n"
    "0,traditional,0.30000000000000004,1e-7\n"
    "1,traditional,,12\n"
    "2,new_approach,0.5,-3.25\n"
)


@pytest.fixture
def compared(tmp_path):
    """Compare a text with the table above."""

    def make(there: str | bytes, here: str = TABLE, **options):
        for name, text in (("there.csv", there), ("here.csv", here)):
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return compare_tables(
            "runs", tmp_path / "there.csv", tmp_path / "here.csv", KINDS, **options
        )

    return make


def changed(old: str, new: str) -> str:
    assert TABLE.count(old) == 1
    return TABLE.replace(old, new)


# ------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("there", "here", "expected"),
    [
        ("0.5", "0.50", 0.0),
        ("-0", "0", 0.0),
        ("1e-5", "0.00001", 0.0),
        ("1", "2", 0.5),
        ("-1", "1", 2.0),
        ("0", "5e-324", 1.0),
        ("inf", "1", math.inf),
        ("-inf", "inf", 2.0),
        ("0.30000000000000003", "0.30000000000000004", 0.0),
        ("1e308", "-1e308", math.inf),
        ("+5", "5", 0.0),
        ("INF", "inf", 0.0),
        ("-Infinity", "inf", 2.0),
        (" 1", "1.0 ", 0.0),
    ],
)
def test_relative_difference_of_numbers(there, here, expected):
    for pair in ((there, here), (here, there)):
        (found,) = text_differences(*(pa.array([text]) for text in pair), NUMBER)
        assert found == expected


@pytest.mark.parametrize("text", ["", "x", "0.41x2", "1_0", "nan", "0,5", "1 2", "--1", "1e", "."])
def test_what_is_no_number_has_no_relative_difference(text):
    for pair in ((text, "1"), ("1", text)):
        assert math.isnan(text_differences(*(pa.array([t]) for t in pair), NUMBER)[0])


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite)
def test_relative_difference_is_symmetric_and_zero_only_for_the_same_number(a, b):
    texts_of = [pa.array([repr(number)]) for number in (a, b)]
    (one,) = text_differences(*texts_of, NUMBER)
    (other,) = text_differences(*reversed(texts_of), NUMBER)
    assert one == other
    assert (one == 0.0) == (a == b)
    assert one >= 0.0


# -------------------------------------------------------------------------- cells


def test_equal_tables_match(compared):
    found = compared(TABLE)
    assert (found.matches, found.first, found.rows_there, found.rows_here) == (True, None, 3, 3)
    assert (found.cells, found.rewritten, found.largest, found.largest_at) == (0, 0, 0.0, None)


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "there", "here", "what"),
    [
        ("0,trad", "7,trad", 1, "run", "7", "0", ""),
        ("new_approach", "new_aproach", 3, "posture", "new_aproach", "new_approach", ""),
        ("1e-7", "1e-8", 1, "risk", "1e-8", "1e-7", ""),
        ("0.5", "0.5x2", 3, "tension", "0.5x2", "0.5", "this is no number"),
        ("0.5", "", 3, "tension", "", "0.5", ""),
        (",,12", ",0,12", 2, "tension", "0", "", ""),
        ("1,trad", "01,trad", 2, "run", "01", "1", ""),
    ],
)
def test_an_altered_cell_is_named(compared, old, new, row, column, there, here, what):
    found = compared(changed(old, new), tolerance=0.0)
    keys = [("0", "traditional"), ("1", "traditional"), ("2", "new_approach")]
    key = dict(zip(("run", "posture"), keys[row - 1], strict=True))
    assert found.first == Difference("runs", row, key, column, there, here, what)
    assert not found.matches
    assert (found.cells, found.rows, found.columns, found.beyond) == (1, 1, 1, 1)


def test_cells_rows_and_columns_are_counted_and_the_largest_is_found(compared):
    text = changed("-3.25", "-3").replace("0.5", "0.4").replace("1e-7", "2e-7")
    found = compared(text)
    assert (found.cells, found.rows, found.columns) == (3, 2, 2)
    assert (found.first.row, found.first.column) == (1, "risk")
    assert (found.largest, found.largest_at) == (0.5, found.first)


def test_true_and_false_as_other_programs_write_them_are_no_difference(compared):
    here = TABLE.replace("traditional", "true").replace("new_approach", "false")
    found = compared(here.replace("true", "True").replace("false", "FALSE"), here)
    assert (found.matches, found.cells, found.rewritten) == (True, 0, 3)
    assert not compared(here.replace("true", "False", 1), here).matches
    assert not compared(here.replace("true", "Truth", 1), here).matches


def test_the_same_number_in_other_digits_is_no_difference_but_is_named(compared):
    found = compared(changed("0.30000000000000004", "0.30000000000000003"))
    assert (found.matches, found.cells, found.rewritten) == (True, 0, 1)
    assert (found.first.row, found.first.column) == (1, "tension")


def test_a_real_difference_is_reported_before_other_digits(compared):
    found = compared(changed("1e-7", "1.0e-7").replace("0.5", "0.6"))
    assert (found.first.row, found.first.column) == (3, "tension")
    assert (found.matches, found.cells, found.rewritten) == (False, 1, 1)


def test_what_is_beyond_the_tolerance_is_reported_before_what_is_within(compared):
    text = changed("1e-7", "1.1e-7").replace("0.5", "0.9")
    found = compared(text, tolerance=0.2)
    assert (found.matches, found.cells, found.beyond) == (False, 2, 1)
    assert (found.first.row, found.first.column) == (3, "tension")
    found = compared(text, tolerance=0.5)
    assert (found.matches, found.cells, found.beyond) == (True, 2, 0)
    assert (found.first.row, found.first.column) == (1, "risk")


@pytest.mark.parametrize(
    ("old", "new"), [("1,trad", "9,trad"), ("new_app", "New_app"), (",,12", ",0,12")]
)
def test_no_tolerance_lets_integers_texts_or_empty_cells_pass(compared, old, new):
    assert not compared(changed(old, new), tolerance=1e300).matches


def test_large_integers_are_told_apart(compared):
    here = changed("\n0,", f"\n{2**63 - 1},")
    found = compared(changed("\n0,", f"\n{2**63 - 2},"), here)
    assert (found.first.column, found.matches) == ("run", False)


# ------------------------------------------------------------------ rows, headers


def test_a_removed_row_is_named(compared):
    lines = TABLE.splitlines(keepends=True)
    middle = compared("".join(lines[:2] + lines[3:]))
    assert (middle.first.row, middle.first.column) == (2, "run")
    assert (middle.first.there, middle.first.here) == ("2", "1")
    assert (middle.rows_there, middle.rows_here, middle.cells) == (2, 3, 0)
    last = compared("".join(lines[:3]))
    assert (last.first.row, last.first.what) == (3, "this row is missing")
    assert last.first.key == {"run": "2", "posture": "new_approach"}
    assert not middle.matches
    assert not last.matches


def test_an_added_row_is_named(compared):
    found = compared(f"{TABLE}3,reactive,1,1\n4,reactive,1,1\n")
    assert (found.first.row, found.first.what) == (4, "no such row comes out here")
    assert found.first.key["run"] == "3"
    assert (found.rows_there, found.rows_here, found.matches) == (5, 3, False)


def test_a_row_of_another_length_is_named_and_rows_before_it_are_compared(compared):
    found = compared(changed("-3.25", "-3,25"))
    assert (found.first.row, found.first.column) == (3, None)
    assert found.first.what == "this row has 5 cells where 4 belong"
    found = compared(changed("-3.25", "-3,25").replace("1e-7", "1"))
    assert (found.first.row, found.first.column) == (1, "risk")
    found = compared(changed("\n1,traditional,,12", "\n1"))
    assert (found.first.row, found.first.what) == (2, "this row has 1 cell where 4 belong")


@pytest.mark.parametrize(
    ("header", "column", "there", "what"),
    [
        ("run,posture,tenson,risk", "tension", "tenson", "column 3 is another one"),
        ("run,posture,risk,tension", "tension", "risk", "column 3 is another one"),
        ("run,posture,tension", "risk", None, "this column is missing"),
        ("run,posture,tension,risk,x", "x", "x", "no such column comes out here"),
        ("run,run,posture,tension,risk", "run", "run", "this column stands twice"),
        (
            "run;posture;tension;risk",
            None,
            None,
            "the columns of this file are separated by semicolons, where commas belong:"
            " save it as CSV with commas, and points in decimals",
        ),
    ],
)
def test_another_header_is_named(compared, header, column, there, what):
    found = compared(f"{header}\n")
    assert (found.first.column, found.first.there, found.first.what) == (column, there, what)
    assert (found.first.row, found.matches) == (None, False)


def test_columns_that_both_have_are_compared_all_the_same(compared):
    lines = [f"{line},0" for line in changed("0.5", "0.25").splitlines()]
    found = compared("\n".join(lines))
    assert (found.first.what, found.cells, found.largest) == (
        "no such column comes out here",
        1,
        0.5,
    )


@pytest.mark.parametrize(
    ("there", "what"),
    [
        ("", "this file is no CSV table: empty CSV file"),
        ("\n\n", "this file is no CSV table: empty CSV file"),
        (b"run,posture,tension,risk\n0,\xff,1,1\n", "line 2 of this file is not UTF-8"),
        (b"\xff\xfe\n1\n", "line 1 of this file is not UTF-8"),
        # A row of another length, whose text the library would want to show.
        (b"run,posture,tension,risk\n0,a,1,1\n\xff\xfe,1\n", "line 3 of this file is not UTF-8"),
        (f"run,posture,tension,risk\n0,{'x' * 5_000_000},1,1\n", "has millions of characters"),
        (f"run,{'x' * 3_000_000}\n0,1\n", "has millions of characters"),
    ],
)
def test_what_is_no_table_is_named(compared, there, what, capfd):
    found = compared(there)
    assert what in found.first.what
    assert not found.matches
    assert capfd.readouterr() == ("", "")


def test_forms_that_programs_give_a_file_change_no_cell(compared):
    for text in (
        f"\ufeff{TABLE}",
        TABLE.replace("\n", "\r\n"),
        TABLE.rstrip("\n"),
        f"{TABLE}\n\n",
        TABLE.replace("traditional", '"traditional"'),
    ):
        found = compared(text)
        assert (found.matches, found.first, found.rows_there) == (True, None, 3)


def test_tables_without_rows_match(compared):
    header = TABLE.splitlines(keepends=True)[0]
    assert compared(header, header).matches


def test_quoted_text_with_line_ends_counts_as_one_row(compared):
    here = changed("traditional,,", '"a\nb",,')
    found = compared(here.replace("0.5", "0.6"), here)
    assert (found.first.row, found.first.column) == (3, "tension")


# -------------------------------------------------------- Parquet, batches, memory


def parquet_of(csv: Path, **options) -> Path:
    path = csv.with_suffix(".parquet")
    pa.parquet.write_table(read_table(csv, KINDS), path, **options)
    return path


@pytest.mark.parametrize(("there", "here"), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_parquet_is_compared_by_cell(tmp_path, there, here):
    paths = []
    for name, text in (("there", changed("-3.25", "-3.5")), ("here", TABLE)):
        csv = tmp_path / f"{name}.csv"
        csv.write_text(text)
        paths.append((csv, parquet_of(csv, row_group_size=2)))
    found = compare_tables("runs", paths[0][there], paths[1][here], KINDS)
    key = {"run": "2", "posture": "new_approach"}
    assert found.first == Difference("runs", 3, key, "risk", "-3.5", "-3.25")
    assert (found.cells, found.rewritten, found.rows_here) == (1, 0, 3)
    assert compare_tables("runs", paths[1][there], paths[1][here], KINDS).first is None


def test_missing_numbers_of_parquet_are_empty_cells(tmp_path):
    (tmp_path / "here.csv").write_text("risk,posture\n,\n0.1,a\n")
    table = pa.table({"risk": [float("nan"), 0.1], "posture": pa.array([None, "a"])})
    pa.parquet.write_table(table, tmp_path / "there.parquet")
    assert (
        compare_tables("x", tmp_path / "there.parquet", tmp_path / "here.csv", KINDS).first is None
    )


def test_a_spoilt_parquet_file_is_named(tmp_path):
    (tmp_path / "here.csv").write_text(TABLE)
    (tmp_path / "there.parquet").write_text(TABLE)
    found = compare_tables("x", tmp_path / "there.parquet", tmp_path / "here.csv", KINDS)
    assert found.first.what.startswith("this file is no Parquet table: ")


def written(path: Path, n_rows: int, risk: float = 0.25) -> Path:
    with table_writer(path, COLUMNS) as writer:
        values = {"run": list(range(n_rows)), "posture": "traditional", "tension": 1 / 3}
        writer.write({**values, "risk": risk}, n_rows)
    return path


@given(
    n_rows=st.integers(1, 120),
    sizes=st.tuples(st.integers(64, 700), st.integers(1, 90)),
    data=st.data(),
)
def test_batches_need_not_meet(tmp_path_factory, n_rows, sizes, data):
    folder = tmp_path_factory.mktemp("batches")
    row = data.draw(st.integers(1, n_rows))
    here = written(folder / "here.csv", n_rows)
    lines = here.read_text().splitlines()
    lines[row] = lines[row].replace("0.25", "0.5")
    (folder / "there.csv").write_text("\n".join(lines))
    there = parquet_of(folder / "there.csv", row_group_size=sizes[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_diff, "CSV_BLOCK_BYTES", sizes[0])
        patch.setattr(cell_diff, "PARQUET_CELLS", 7 * sizes[1])
        found = compare_tables("runs", there, here, KINDS)
    assert (found.first.row, found.first.key["run"]) == (row, str(row - 1))
    assert (found.cells, found.rows_there, found.rows_here) == (1, n_rows, n_rows)


def test_a_bad_row_far_down_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_diff, "CSV_BLOCK_BYTES", 128)
    here = written(tmp_path / "here.csv", 500)
    lines = here.read_text().splitlines()
    lines[400] += ",1"
    (tmp_path / "there.csv").write_text("\n".join(lines))
    found = compare_tables("runs", tmp_path / "there.csv", here, KINDS)
    assert (found.first.row, found.rows_there, found.rows_here) == (400, 399, 500)


@pytest.mark.parametrize("form", [".csv", ".parquet"])
def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch, form):
    monkeypatch.setattr(cell_diff, "CSV_BLOCK_BYTES", 2**13)
    peaks = []
    for n_rows in (20_000, 200_000):
        files = [written(tmp_path / f"{risk}.csv", n_rows, risk) for risk in (0.25, 0.5)]
        if form == ".parquet":
            files = [parquet_of(file, row_group_size=10_000) for file in files]
        held: list[int] = []
        before = pa.total_allocated_bytes()
        found = compare_tables(
            "runs", *files, KINDS, told=lambda _, held=held: held.append(pa.total_allocated_bytes())
        )
        assert found.cells == n_rows
        peaks.append(max(held) - before)
    assert 0 < peaks[1] < 1.5 * peaks[0]


def test_progress_is_told_in_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_diff, "CSV_BLOCK_BYTES", 256)
    path = written(tmp_path / "here.csv", 100)
    told: list[int] = []
    compare_tables("runs", path, path, KINDS, told=told.append)
    assert told == sorted(told)
    assert told[-1] == 100
    assert len(told) > 3
