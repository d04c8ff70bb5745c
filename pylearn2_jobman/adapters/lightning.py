"""Lightning's ``Trainer``."""

__all__ = ["LightningTrainer"]

import importlib
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from pylearn2_jobman.adapters.module import ModuleModel
from pylearn2_jobman.adapters.trainer import Trainer
from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.fence.allow import allow_list


class LightningTrainer(Trainer):
    """Trains a ``LightningModule`` by a ``Trainer`` of Lightning, of either package.

    The channels are what the module logs, under the names that it gives, recorded after every
    epoch. It can be stopped between epochs, and goes on from Lightning's own checkpoint and the
    random numbers.

    Parameters
    ----------
    trainer
        Lightning's ``Trainer``; with ``logger: false`` and ``enable_checkpointing: false`` it
        leaves no files of its own.
    module
        The ``LightningModule``.
    dataset
        The loader of the training set; None where the module or ``datamodule`` has it.
    monitoring_dataset
        The loader of the validation set, likewise.
    datamodule
        A ``LightningDataModule``, in place of both.
    classifies
        Whether the module's output is the logarithms of unnormalised probabilities of classes, so
        that the model's ``predict`` gives labels.
    termination_criterion, extensions, save_path, seed
        See `pylearn2_jobman.adapters.trainer.Trainer`; the module has its parameters before.
    """

    model: ModuleModel

    def __init__(
        self,
        trainer: Any,
        module: Any,
        dataset: Any = None,
        monitoring_dataset: Any = None,
        datamodule: Any = None,
        classifies: bool = False,
        termination_criterion: Any = None,
        extensions: Sequence[Any] | None = None,
        save_path: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(
            ModuleModel(module, classifies), termination_criterion, extensions, save_path, seed
        )
        self.trainer = trainer
        self._data: Mapping[str, Any] = {"datamodule": datamodule}
        if datamodule is None:
            self._data = {"train_dataloaders": dataset, "val_dataloaders": monitoring_dataset}
        self._begun: bytes | None = None  # the checkpoint to go on from
        self._is_fitting = False

    def train(self) -> None:
        """Let Lightning train."""
        self.trainer.callbacks.append(_callback(self.trainer)(self))
        self._is_fitting = True
        if self._begun is None:
            self.trainer.fit(self.model.module, **self._data)
            return
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "lightning.ckpt")
            path.write_bytes(self._begun)
            self.trainer.fit(self.model.module, **self._data, ckpt_path=str(path))

    def after_epoch(self) -> None:
        """Record what was logged, from within Lightning's loop."""
        trainer = self.trainer
        last = 0 < (trainer.max_epochs or 0) <= trainer.current_epoch + 1
        if not self.end_epoch(trainer.callback_metrics, last=last):
            trainer.should_stop = True

    def own_state(self) -> dict[str, Any]:
        """Return Lightning's checkpoint, as bytes; None before there is one."""
        if not self._is_fitting:
            return {"checkpoint": self._begun}
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "lightning.ckpt")
            self.trainer.save_checkpoint(path)
            return {"checkpoint": path.read_bytes()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there; with ``JOBMAN_ALLOW`` only if a checkpoint has no objects in it."""
        self._begun = state["checkpoint"]
        if self._begun is None:
            return
        content = io.BytesIO(self._begun)
        try:
            loaded = torch.load(content, map_location="cpu", weights_only=True)
        except Exception as error:
            if allow_list() is not None:
                raise UsageError(
                    "with JOBMAN_ALLOW, training does not go on from a checkpoint of Lightning "
                    f"with objects in it: {error}"
                ) from None
            content.seek(0)
            loaded = torch.load(content, map_location="cpu", weights_only=False)
        self.model.module.load_state_dict(loaded["state_dict"])


def _callback(trainer: Any) -> Any:
    """Return the class of the callback, of the package that the trainer is from."""
    package = type(trainer).__module__.split(".")[0]
    home = "lightning.pytorch" if package == "lightning" else "pytorch_lightning"
    base: Any = importlib.import_module(f"{home}.callbacks").Callback

    class Epochs(base):  # type: ignore[misc]
        """Tells the adapter of every epoch."""

        def __init__(self, adapter: LightningTrainer) -> None:
            self.adapter = adapter

        def on_train_batch_end(self, *args: Any, **kwargs: Any) -> None:
            self.adapter.model.monitor.report_batch(0)

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            self.adapter.after_epoch()

    return Epochs
