"""Content is read as a whole; a faulty change is refused and the last good version stays in use."""

import os
from pathlib import Path

import pytest

from bot.library import Library
from dialogs.catalog import ContentError
from tests.packs import SMALL

VISIT = "packs/mini/dialogs/visit.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SMALL.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / VISIT
    stamp = path.stat().st_mtime_ns
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(stamp + 1_000_000, stamp + 1_000_000))


def title(library: Library) -> str:
    return library.catalog.packs["mini"].dialogs["visit"].title.en


def test_a_change_is_taken_up_and_only_a_change(folder: Path) -> None:
    """Would have caught: an edit that needs a restart, and files parsed at every tick."""
    library = Library.open(folder)
    assert not library.refresh()
    edit(folder, 'en: "Visit"', 'en: "Tour"')
    assert library.refresh()
    assert title(library) == "Tour"
    assert not library.refresh()


def test_a_faulty_change_keeps_the_last_good_version_and_says_what_is_wrong(folder: Path) -> None:
    """Would have caught: a typing mistake that takes the bot down."""
    library = Library.open(folder)
    edit(folder, "type: scale5", "type: scale7")
    assert library.refresh()
    assert title(library) == "Visit"
    assert [one.file for one in library.mistakes] == [VISIT]
    assert library.mistakes[0].line > 1


def test_the_repaired_version_is_used_and_the_mistake_forgotten(folder: Path) -> None:
    """Would have caught: a bot that must be restarted after a mistake was mended."""
    library = Library.open(folder)
    edit(folder, "type: scale5", "type: scale7")
    library.refresh()
    edit(folder, "type: scale7", "type: num")
    assert library.refresh()
    assert library.mistakes == ()
    assert library.catalog.packs["mini"].dialogs["visit"].steps[1].type == "num"


def test_a_file_that_cannot_be_read_is_tried_again(folder: Path) -> None:
    """Would have caught: an edit missed for good because the file was being saved at that moment."""
    library = Library.open(folder)
    broken = folder / "packs/mini/dialogs/other.yaml"
    broken.mkdir()
    assert not library.refresh()
    assert title(library) == "Visit"
    broken.rmdir()
    edit(folder, 'en: "Visit"', 'en: "Tour"')
    assert library.refresh()
    assert title(library) == "Tour"


def test_a_removed_file_is_noticed(folder: Path) -> None:
    """Would have caught: a campaign that still runs after its file was deleted."""
    library = Library.open(folder)
    (folder / "packs/mini/campaigns/visit.yaml").unlink()
    assert library.refresh()
    assert not library.catalog.packs["mini"].campaigns


def test_two_loads_of_the_same_files_have_the_same_hash(folder: Path) -> None:
    """Would have caught: two machines that cannot tell whether they hold the same content."""
    first, second = (Library.open(folder).catalog.packs["mini"].hash for _ in range(2))
    assert first == second
    edit(folder, 'en: "Visit"', 'en: "Tour"')
    assert Library.open(folder).catalog.packs["mini"].hash != first


def test_content_that_is_faulty_at_the_start_is_told_with_every_mistake(folder: Path) -> None:
    """Would have caught: a start on half a pack, or one mistake a start."""
    edit(folder, "type: scale5", "type: scale7")
    edit(folder, "type: yesno", "type: maybe")
    with pytest.raises(ContentError) as refused:
        Library.open(folder)
    assert len(refused.value.mistakes) == 2
