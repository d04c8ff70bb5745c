"""The picture of the house in CONTRIBUTING.rst, which design.rst shows too, is the tree."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = (
    (ROOT / "CONTRIBUTING.rst")
    .read_text(encoding="utf-8")
    .partition(".. begin-house\n\n::\n")[2]
    .partition("\n\n**")[0]
)


def drawn():
    """Return the modules and folders in the picture, by the path of what they are in."""
    found, path = {}, []
    for line in filter(str.strip, PICTURE.splitlines()):
        depth = (len(line) - len(line.lstrip())) // 4 - 1
        names = re.split(r"  +", line.strip())[0].split()
        path[depth:] = [names[0].rstrip("/")]
        found.setdefault("/".join(path[:depth]), set()).update(names)
    return found


def there(folder):
    """Return the modules and folders of Python in a folder."""
    modules = {path.name for path in folder.glob("*.py")}
    return modules | {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}


def test_the_picture_is_the_tree():
    picture = drawn()
    for folder in ("pylearn2_jobman", "pylearn2_jobman/jobman"):
        assert picture[folder] - {"__init__.py"} == there(ROOT / folder) - {"__init__.py"}
    assert all((ROOT / name).is_dir() for name in picture[""])


def test_every_room_says_what_lives_in_it():
    for room in (ROOT / "pylearn2_jobman").rglob("__init__.py"):
        text = room.read_text(encoding="utf-8")
        assert text.startswith('"""'), room


def test_the_modules_that_it_names_are_there():
    text = (ROOT / "CONTRIBUTING.rst").read_text(encoding="utf-8")
    places = re.findall(r"``((?:jobman|naming|pylearn2|tests|docs)/[\w/.]+)``", text)
    assert len(places) > 10
    for place in places:
        inside = ROOT if place.startswith(("tests/", "docs/")) else ROOT / "pylearn2_jobman"
        assert (inside / place).exists(), place
