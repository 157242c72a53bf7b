"""The page with all pictures of a demo."""

from pathlib import Path

from PIL import Image

from bot.contact_sheet import Cell, contact_sheet
from tests.fakes.engine import png


def cells(count: int) -> tuple[Cell, ...]:
    words = "a small red heart on a yellow background as a mosaic, and much more than fits"
    return tuple(Cell(png(), f"{words} {n}", "Zib 0.9", "seed 1") for n in range(count))


def test_six_pictures_stand_in_two_rows_of_three(tmp_path: Path) -> None:
    file = tmp_path / "pictures" / "sheet.png"
    contact_sheet("Atelier", "said in plain words", cells(6), file)
    with Image.open(file) as sheet:
        assert sheet.width > sheet.height
        assert sheet.getpixel((64 + 192, 64 + 132 + 192)) == (255, 165, 0)


def test_one_picture_makes_a_page_too(tmp_path: Path) -> None:
    contact_sheet("Atelier", "", cells(1), tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 1000


def test_a_large_picture_fits_its_cell(tmp_path: Path) -> None:
    large = (Cell(png(size=1024), "words", "looks", "facts"),)
    contact_sheet("Atelier", "", large, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width < 700
