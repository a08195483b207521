"""The one writer and reader of tables, and files that are whole or not there."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regional_sim.results.columns import INTEGER, NUMBER, TEXT, TableColumn
from regional_sim.results.folder import sha256_of, whole_file, write_json
from regional_sim.results.table_file import (
    Coded,
    read_batches,
    read_table,
    table_writer,
    text_needs_quotes,
)

COLUMNS = (
    TableColumn("count", INTEGER, "a count"),
    TableColumn("value", NUMBER, "a number"),
    TableColumn("word", TEXT, "a text"),
)
KINDS = {column.name: column.kind for column in COLUMNS}


def written(path, *, quoted=False, **values):
    """Write a table of one piece, and return its bytes."""
    with table_writer(path, COLUMNS, quoted=quoted) as writer:
        writer.write(values, len(values["count"]))
    return path.read_bytes()


def test_form_of_the_file(tmp_path):
    text = written(
        tmp_path / "a.csv",
        count=np.array([1, 2, 3, 4]),
        value=np.array([-0.0, np.nan, 0.1 + 0.2, 1e-7]),
        word=Coded(("x", "yy"), np.array([0, 1, 1, 0])),
    )
    assert text == b"count,value,word\n1,0,x\n2,,yy\n3,0.30000000000000004,yy\n4,1e-7,x\n"


def test_one_value_stands_for_all_rows(tmp_path):
    text = written(tmp_path / "a.csv", count=[1, 2], value=-0.0, word=True)
    assert text == b"count,value,word\n1,0,true\n2,0,true\n"
    assert (
        written(tmp_path / "b.csv", count=[1], value=None, word=None) == b"count,value,word\n1,,\n"
    )


def test_text_that_needs_quotes_comes_back(tmp_path):
    words = ['a "b", c', "", "NA", "two\nlines"]
    path = tmp_path / "a.csv"
    assert text_needs_quotes(words)
    assert not text_needs_quotes(["JPN", 3, None])
    written(path, quoted=True, count=[1, 2, 3, 4], value=1.5, word=words)
    assert pd.read_csv(path, keep_default_na=False)["word"].tolist() == words
    with pytest.raises(Exception, match="structural characters"):
        written(path, count=[1], value=1.0, word=["a,b"])


FORMULAS = [
    "=1+2",
    "+x",
    "-x",
    "@A1",
    "\t=1",
    "\uff1d1",
    "'=1",
    "''-x",
    "-",
    "-1-1",
    "+1e",
    "=1\n,",
]
HARMLESS = ["x=1", "", "'", "'x", "-1", "+.5", "-1.5e-07", "'-1", " =1", "#", "2-1"]


def test_text_that_a_spreadsheet_would_work_out_has_an_apostrophe(tmp_path):
    words = FORMULAS + HARMLESS
    path = tmp_path / "a.csv"
    written(path, quoted=True, count=list(range(len(words))), value=-1.5, word=words)
    plain = pd.read_csv(path, keep_default_na=False, dtype=str)
    assert plain["word"].tolist() == [f"'{word}" for word in FORMULAS] + HARMLESS
    assert set(plain["value"]) == {"-1.5"}
    assert read_table(path, KINDS).column("word").to_pylist() == words
    (batch,) = read_batches(path, KINDS, ["word"], block_bytes=2**16)
    assert batch.column("word").to_pylist() == words


def test_parquet_has_text_as_it_is(tmp_path):
    path = tmp_path / "a.parquet"
    written(path, count=[1, 2], value=1.0, word=["=1+2", "'=1"])
    assert read_table(path, KINDS).column("word").to_pylist() == ["=1+2", "'=1"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.text("'=+-@1.ex,\"\n", max_size=5), min_size=1))
def test_every_text_comes_back(tmp_path, words):
    path = tmp_path / "a.csv"
    written(path, quoted=True, count=list(range(len(words))), value=1.0, word=words)
    assert read_table(path, KINDS).column("word").to_pylist() == words


def test_codes_that_look_like_missing_values_stay_text(tmp_path):
    path = tmp_path / "a.csv"
    written(path, count=[1, 2, 3], value=1.0, word=["NA", "nan", "null"])
    assert read_table(path, KINDS).column("word").to_pylist() == ["NA", "nan", "null"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_numbers_read_back_as_the_same_bits_and_none_is_minus_zero(tmp_path, numbers):
    path = tmp_path / "a.csv"
    text = written(path, count=list(range(len(numbers))), value=np.array(numbers), word="x")
    read = read_table(path, KINDS).column("value").to_pylist()
    assert read == numbers
    assert not any(value == 0 and math.copysign(1, value) < 0 for value in read)
    assert b",-0," not in text


def test_batches_are_the_table(tmp_path):
    path = tmp_path / "a.csv"
    values = np.random.default_rng(0).standard_normal(5000)
    written(path, count=np.arange(5000), value=values, word="x")
    batches = list(read_batches(path, KINDS, ["value"], block_bytes=4096))
    assert len(batches) > 2
    read = np.concatenate([batch.column("value").to_numpy() for batch in batches])
    np.testing.assert_array_equal(read, values)


def test_pieces_make_the_same_bytes_as_the_whole(tmp_path):
    values = np.random.default_rng(1).standard_normal(10)
    whole = written(tmp_path / "a.csv", count=np.arange(10), value=values, word="x")
    with table_writer(tmp_path / "b.csv", COLUMNS) as writer:
        for part in (slice(0, 3), slice(3, 10)):
            rows = {"count": np.arange(10)[part], "value": values[part], "word": "x"}
            writer.write(rows, len(values[part]))
    assert (tmp_path / "b.csv").read_bytes() == whole
    assert writer.n_rows == 10


def test_a_table_without_rows_has_a_header(tmp_path):
    with table_writer(tmp_path / "a.csv", COLUMNS):
        pass
    assert (tmp_path / "a.csv").read_bytes() == b"count,value,word\n"


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"half", None])
    assert list(tmp_path.iterdir()) == []
    with whole_file(path) as file:
        file.write(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"


def test_digest_of_a_file(tmp_path):
    # FIPS 180-2, appendix B.1.
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")


def test_json_refuses_what_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="Out of range"):
        write_json(tmp_path / "a.json", {"x": math.nan})
    assert list(tmp_path.iterdir()) == []
