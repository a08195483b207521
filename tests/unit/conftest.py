"""What tests of several modules share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def figure_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of every kind that pictures are drawn from; not to be changed."""
    from tests.support.figure_folders import make_folders

    return make_folders(tmp_path_factory.mktemp("figures"))
