"""Which files are served: those there are, below their folder, and not hidden."""

from pathlib import Path

import pytest

from livecommerce.web.files import is_served


@pytest.mark.parametrize(
    ("name", "served"),
    [
        *(("a.webp", True), ("folder/b.webp", True), ("folder", False), ("c.webp", False)),
        *((".hidden", False), (".folder/d.webp", False), ("../outside", False)),
        *(("k" * 300, False), ("k" * 3000, False), ("k/" * 3000, False), ("a.webp/x", False)),
    ],
)
def test_what_is_served(tmp_path: Path, name: str, served: bool) -> None:
    root = (tmp_path / "root").resolve()
    for there in ("a.webp", "folder/b.webp", ".hidden", ".folder/d.webp", "../outside"):
        (root / there).parent.mkdir(parents=True, exist_ok=True)
        (root / there).write_text("x")
    assert is_served((root / name).resolve(), root) is served
