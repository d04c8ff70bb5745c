"""The checkpoint file: the state of a training run, whole or not there, and its identity."""

__all__ = ["CheckpointFile"]

import hashlib
import json
import logging
import os
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy

from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.naming.backend import real_pylearn2
from pylearn2_jobman.version import __version__
from pylearn2_jobman.whole_file import whole_file

log = logging.getLogger(__name__)

_FORMAT = 1


class CheckpointFile:
    """The last two checkpoints of the training that a YAML text describes.

    ``checkpoint.pt`` is the last and ``checkpoint.previous.pt`` the one before, for the case that
    the last is damaged. ``torch.load`` reads them, with ``weights_only=True``. How far the training
    was, and the versions, are in ``checkpoint.json`` too, for people.

    Parameters
    ----------
    directory
        Where the files are.
    yaml_text
        The text that is trained: training by another one cannot resume from these checkpoints.
    prefix
        Beginning of the files' names.
    not_before
        Unix time; checkpoints that are older are removed.
    how_to_restart
        How to get rid of a checkpoint that training cannot resume from, for the error message.
    what
        What ``yaml_text`` is where it is something else, for the error message.
    same_versions
        Whether training can resume only with the versions and settings of before.
    """

    def __init__(
        self,
        directory: Path,
        yaml_text: str,
        *,
        prefix: str = "",
        not_before: float = 0.0,
        how_to_restart: str = "remove it to begin anew",
        what: str = "YAML text",
        same_versions: bool = True,
    ) -> None:
        directory = directory.absolute()
        self.path = directory / f"{prefix}checkpoint.pt"
        self.previous = directory / f"{prefix}checkpoint.previous.pt"
        self.summary = directory / f"{prefix}checkpoint.json"
        self._yaml_text = yaml_text
        self._not_before = not_before
        self._how_to_restart = how_to_restart
        self._what = what
        self._same_versions = same_versions

    def exists(self) -> bool:
        """Return whether there is a checkpoint, be it one that is too old."""
        return any(path.exists() for path in (self.path, self.previous))

    def save(self, state: Mapping[str, Any], position: Mapping[str, Any]) -> None:
        """Write a checkpoint; the last one becomes the one before.

        Parameters
        ----------
        state
            The state that `load` is to return; see `pylearn2_jobman.running.packing.pack`.
        position
            How far the training is, for people.
        """
        import torch

        from pylearn2_jobman.running.packing import pack

        versions = _versions()
        checkpoint = {
            "format": _FORMAT,
            "saved_at": time.time(),
            "versions": versions,
            "threads": torch.get_num_threads(),
            "yaml": self._yaml_text,
            "state": pack(state),
        }
        with whole_file(self.path, old=self.previous) as file:
            torch.save(checkpoint, file)
        summary = {
            **position,
            "saved_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(checkpoint["saved_at"])),
            "yaml_sha256": hashlib.sha256(self._yaml_text.encode()).hexdigest(),
            "versions": versions,
            "threads": checkpoint["threads"],
        }
        with whole_file(self.summary) as file:
            file.write(f"{json.dumps(summary, indent=4)}\n".encode())

    def load(self) -> Any:
        """Return the state that was saved last; None if none was.

        Raises
        ------
        CheckpointError
            If both checkpoints are damaged, or they belong to another YAML text or to other
            versions; the message names the difference.
        """
        self._remove_old()
        damages = []
        for path in (self.path, self.previous):
            try:
                checkpoint = _read(path)
            except FileNotFoundError:
                continue
            except _DamagedError as error:
                damages.append(f"{path.name} is damaged: {error}")
                continue
            self._check(path, checkpoint)
            for damage in damages:
                log.warning("%s. Training resumes from %s.", damage, path.name)
            _compare_threads(checkpoint.get("threads"))
            from pylearn2_jobman.running.packing import unpack

            return unpack(checkpoint["state"])
        if damages:
            raise CheckpointError(f"{'; '.join(damages)}; {self._how_to_restart}")
        return None

    def remove(self) -> None:
        """Remove the files."""
        for path in (self.path, self.previous, self.summary):
            path.unlink(missing_ok=True)

    def _remove_old(self) -> None:
        for path in (self.path, self.previous):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < self._not_before:
                    path.unlink()
                    log.info("Training begins anew: %s was older, and is removed.", path.name)

    def _check(self, path: Path, checkpoint: Mapping[str, Any]) -> None:
        differences = []
        if checkpoint["yaml"] != self._yaml_text:
            differences.append(_difference(self._what, checkpoint["yaml"], self._yaml_text))
        before = checkpoint["versions"]
        now = _versions()
        differences += [
            f"{name} was {before.get(name)}, and is {now.get(name)}"
            for name in sorted({*before, *now} if self._same_versions else ())
            if before.get(name) != now.get(name)
        ]
        if differences:
            raise CheckpointError(
                f"{path.name} is of another training, whose result would not be that of this one: "
                f"{'; '.join(differences)}. Undo that, or {self._how_to_restart}"
            )


def _versions() -> dict[str, str]:
    """Return the versions and settings that the result depends on, besides the YAML text."""
    import torch

    from pylearn2_jobman.pylearn2 import backend

    versions = {
        "pylearn2_jobman": __version__,
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
        "PYLEARN2_FLOATX": os.environ.get("PYLEARN2_FLOATX", "float32"),
        "kind of device": backend.device().type,
    }
    if real_pylearn2() is not None:
        versions["pylearn2"] = "the real one"
    return versions


def _compare_threads(before: int | None) -> None:
    import torch

    now = torch.get_num_threads()
    if before not in (None, now):
        log.warning(
            "The checkpoint was written with %d threads, and training goes on with %d: the last "
            "bits of the result may differ.", before, now,
        )  # fmt: skip


class _DamagedError(Exception):
    """The file is not one that was written here, or not any more."""


def _read(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:  # PyTorch does not look at the check sums
            damaged = archive.testzip()
        if damaged is not None:
            raise _DamagedError(f"the check sum of {damaged} is wrong")
        import torch

        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, _DamagedError):
        raise
    except Exception as error:  # which one depends on where the damage is
        raise _DamagedError(f"{type(error).__name__}: {error}".splitlines()[0]) from None
    if not isinstance(checkpoint, dict) or checkpoint.get("format") != _FORMAT:
        raise _DamagedError("it has another format")
    return checkpoint


def _difference(what: str, before: str, now: str) -> str:
    """Return how two texts differ, by the first line that does."""
    for number, (old, new) in enumerate(_lines(before, now), 1):
        if old != new:
            return f"line {number} of the {what} was {old!r}, and is {new!r}"
    return f"the {what} is another"


def _lines(*texts: str) -> Iterator[tuple[str, ...]]:
    return zip_longest(*(text.splitlines() for text in texts), fillvalue="")
