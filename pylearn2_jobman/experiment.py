"""The bridge: an experiment is a YAML template, its hyper-parameters and an extractor.

`train_experiment` is what a job table names as ``jobman.experiment``. It needs of the state only
item and attribute access, of the channel only what `pylearn2_jobman.jobman.channel.Channel`
defines, and of the object that the YAML describes only ``main_loop()``.
"""

__all__ = ["results_extractor", "train_experiment", "ydict"]

from typing import Any

from pylearn2_jobman.checking import check_training, rendered
from pylearn2_jobman.errors import ConfigError
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.naming import names
from pylearn2_jobman.naming.backend import note_switch
from pylearn2_jobman.pylearn2.config.phases import WHAT_A_DOCUMENT_IS, Phases
from pylearn2_jobman.rendering.template import ydict
from pylearn2_jobman.running.progress import string_constants
from pylearn2_jobman.running.runner import TrainingStopped
from pylearn2_jobman.running.session import TrainingSession
from pylearn2_jobman.values import storable

_DEFAULT_EXTRACTOR = "pylearn2_jobman.experiment.results_extractor"


def train_experiment(state: Any, channel: Any) -> Any:
    """Train the phases of ``state.yaml_template``; keep the results of ``state.extract_results``.

    Parameters
    ----------
    state
        Read: ``yaml_template``, text with place-holders; ``hyper_parameters``, their values;
        ``extract_results``, the dotted name of a function of the trained object (by default
        `results_extractor`). Written: ``results``, returned by that function.
    channel
        Gets a report on the training after every epoch; asked, between batches, whether to stop or
        to save.

    Returns
    -------
    object
        ``channel.COMPLETE``, also if ``channel.pruned`` says that enough was seen of it; or
        ``channel.INCOMPLETE`` if the training was stopped: called again in the same directory, it
        resumes from the checkpoint there.

    Raises
    ------
    TemplateError, ConfigError, NameResolutionError, NotStorableError, CheckpointError
        If the template, the YAML, a name, the results or a checkpoint are wrong; each says what and
        where.
    Exception
        Whatever the training or the extractor raises.
    """
    yaml_text = rendered(state)

    # Before training: a typo must not cost a night.
    extract = names.resolve(getattr(state, "extract_results", _DEFAULT_EXTRACTOR), Use.RUN)

    session = TrainingSession(state, channel, yaml_text, string_constants(extract))
    try:
        phases = Phases(yaml_text, check=_check_trainable)
        session.train(phases)
    except TrainingStopped:
        if not getattr(channel, "pruned", False):
            return channel.INCOMPLETE
    except Exception as error:
        note_switch(error)
        raise

    state.results = storable(extract(list(phases) if phases.is_list else phases[0]))
    session.remove_checkpoint()
    return channel.COMPLETE


train_experiment.check = check_training  # type: ignore[attr-defined]


def results_extractor(train_obj: Any) -> dict[str, Any]:
    """Keep nothing: the extractor of a state that names none.

    Write your own, taking the trained object (the list of them when the YAML is a list of phases)
    and returning a dictionary of numbers and strings.
    """
    return {}


def _check_trainable(phase: Any) -> None:
    if not callable(getattr(phase, "main_loop", None)):
        kind = type(phase)
        raise ConfigError(
            f"the YAML describes a {kind.__module__}.{kind.__qualname__}, which has no main_loop():"
            f" {WHAT_A_DOCUMENT_IS}"
        )
