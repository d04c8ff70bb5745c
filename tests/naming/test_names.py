"""Dotted names lead to objects, or to an error that says which part of the name failed."""

import io
import pickle
import sys
from types import ModuleType

import numpy
import pytest

from pylearn2_jobman.errors import (
    NameNotAllowedError,
    NameResolutionError,
    OldNameWarning,
    UsageError,
)
from pylearn2_jobman.naming import names, renames, vocabulary
from pylearn2_jobman.naming.unpickler import unpickle


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A package ``namelab`` that re-exports a thing or two."""
    package = tmp_path / "namelab"
    package.mkdir()
    (package / "__init__.py").write_text("import os\nfrom os import system\n")
    (package / "models.py").write_text(
        "import numpy as np\n__all__ = ['Net', 'np']\n"
        "class Net:\n    limit = 3\n    def __init__(self, n=1):\n"
        "        self.n = n\ndef extract(train_obj):\n    return {}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("namelab")]:
        del sys.modules[name]


@pytest.mark.usefixtures("lab")
class TestResolve:
    def test_functions_classes_attributes_and_modules(self):
        assert names.resolve("namelab.models.extract")(None) == {}
        assert names.resolve("namelab.models.Net.limit") == 3
        assert names.resolve("namelab.models").__name__ == "namelab.models"
        assert names.resolve(" namelab.models.Net ").__name__ == "Net"

    def test_python_2s_name_for_the_built_in_functions(self):
        assert names.resolve("__builtin__.open") is open

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("nomodul.fn", "there is no module 'nomodul'"),
            ("nmpy.array", "did you mean 'numpy'?"),
            ("namelab.model.Net", "the package 'namelab' has no 'model'; did you mean 'models'?"),
            (
                "namelab.models.Nett",
                "the module 'namelab.models' has no 'Nett'; did you mean 'Net'",
            ),
            ("namelab.models.Net.limt", "the class 'namelab.models.Net' has no 'limt'"),
            ("namelab.models.extract()", "is not a dotted name"),
            ("", "is not a dotted name"),
        ],
    )
    def test_an_error_says_which_part_failed(self, name, message):
        with pytest.raises(NameResolutionError) as caught:
            names.resolve(name)
        assert message in str(caught.value)

    def test_a_syntax_error_in_the_module_stays_on_top(self, tmp_path):
        (tmp_path / "namelab" / "broken.py").write_text("def f(:\n")
        with pytest.raises(SyntaxError) as caught:
            names.resolve("namelab.broken.f")
        assert "namelab.broken" in caught.value.__notes__[0]


def test_a_name_that_the_real_pylearn2_lacks_is_not_said_to_be_lacking_in_ours(monkeypatch):
    real = ModuleType("pylearn2")
    real.train = None
    monkeypatch.setitem(sys.modules, "pylearn2", real)
    with pytest.raises(NameResolutionError) as caught:
        names.resolve("pylearn2.trian")
    assert str(caught.value) == (
        "cannot import 'pylearn2.trian': the module 'pylearn2' has no 'trian'; "
        "did you mean 'train'?"
    )


class TestMoves:
    def test_a_moved_class_is_found_with_one_warning(self):
        with pytest.warns(OldNameWarning, match=r"is now called pylearn2\.train\.Train"):
            found = names.resolve("pylearn2.scripts.train.Train")
        assert found.__module__ == "pylearn2_jobman.pylearn2.train"

    def test_an_old_name_can_be_imported(self):
        with pytest.warns(OldNameWarning, match=r"now called pylearn2\.termination_criteria"):
            from pylearn2.training_algorithms.sgd import EpochCounter as Old
        from pylearn2.termination_criteria import EpochCounter

        assert Old is EpochCounter

    def test_a_module_that_only_moves_are_left_of_can_be_imported(self):
        from pylearn2.training_callbacks import training_callback

        with pytest.warns(OldNameWarning, match=r"now called pylearn2\.train_extensions"):
            callback = training_callback.TrainingCallback
        assert callback.__name__ == "TrainExtension"

    def test_it_can_be_imported_from_its_package(self):
        from pylearn2 import autoencoder

        assert autoencoder.__name__ == "pylearn2.autoencoder"

    def test_the_swapped_criteria_say_which_meaning_is_taken(self):
        with pytest.warns(OldNameWarning, match="continues while all of its criteria want to"):
            found = names.resolve("pylearn2.training_algorithms.sgd.ConjunctionCriterion")
        assert found.__name__ == "And"

    def test_what_nothing_replaces_is_an_error_that_says_what_to_write(self):
        with pytest.raises(NameResolutionError, match=r"gone from pylearn2: use .*mlp\.Default"):
            names.resolve("pylearn2.costs.cost.CrossEntropy")

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("pylearn2.autoencoder.Autoencoder", "pylearn2.models.autoencoder.Autoencoder"),
            (
                "pylearn2.autoencoder.ContractingAutoencoder",
                "pylearn2.models.autoencoder.ContractiveAutoencoder",
            ),
            ("pylearn2.rbm.RBM", "pylearn2.models.rbm.RBM"),
            ("pylearn2.costs.general_cost.SumOfCosts", "pylearn2.costs.cost.SumOfCosts"),
        ],
    )
    def test_moves_of_whole_modules(self, old, new):
        assert renames.new_home(old) == (new, "")

    def test_every_old_name_of_what_is_here_leads_to_it(self):
        here = {entry.path for entry in vocabulary.entries()}
        leads = {old: new for old, new in renames._MOVES.items() if new in here}
        assert len(leads) > 20
        for old, new in leads.items():
            with pytest.warns(OldNameWarning, match="is now called"):
                assert names.resolve(old) is names.resolve(new)

    def test_no_name_is_both_moved_and_gone(self):
        assert not [name for name in renames._MOVES if name in renames._GONE]


@pytest.mark.usefixtures("lab")
class TestAllow:
    @pytest.fixture(autouse=True)
    def allow(self, monkeypatch):
        monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*, namelab.*")

    def test_what_matches_is_allowed(self):
        assert names.resolve("namelab.models.Net")().n == 1
        assert names.resolve("pylearn2_jobman.pylearn2.models.mlp.MLP")
        assert names.resolve("pylearn2.models.mlp.MLP")
        with pytest.warns(OldNameWarning):
            assert names.resolve("pylearn2.scripts.train.Train").__name__ == "Train"

    def test_of_the_real_pylearn2_only_names_given_whole_are_allowed(self, monkeypatch):
        real = ModuleType("pylearn2")
        real.train = ModuleType("pylearn2.train")
        real.train.Train = type("Train", (), {})
        real.train.os = sys
        monkeypatch.setitem(sys.modules, "pylearn2", real)
        monkeypatch.setitem(sys.modules, "pylearn2.train", real.train)
        with pytest.raises(NameNotAllowedError, match="the real pylearn2 here"):
            names.resolve("pylearn2.train.Train")
        monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*,pylearn2.train.Train,pylearn2.train.os")
        assert names.resolve("pylearn2.train.Train") is real.train.Train
        with pytest.raises(NameNotAllowedError, match="no module is handed out"):
            names.resolve("pylearn2.train.os")
        ours = names.resolve("pylearn2_jobman.pylearn2.train.Train")
        assert ours.__module__ == "pylearn2_jobman.pylearn2.train"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("*", "names no package"),
            ("my*.models.Net", "names no package"),
            ("os.*", "whatever Python can do"),
            ("__builtin__.*", "whatever Python can do"),
            ("sys.[a-z]*", "whatever Python can do"),
        ],
    )
    def test_a_list_that_would_be_none_is_refused(self, text, message, monkeypatch):
        monkeypatch.setenv("JOBMAN_ALLOW", f"pylearn2.*,{text}")
        with pytest.raises(UsageError, match=message):
            names.resolve("pylearn2.train.Train")

    def test_a_name_given_whole_needs_no_all(self, monkeypatch):
        monkeypatch.setenv(
            "JOBMAN_ALLOW", "namelab.models.extract,os.getcwd,pylearn2.backend.device"
        )
        assert names.resolve("namelab.models.extract")(None) == {}
        assert names.resolve("os.getcwd")()
        assert names.resolve("pylearn2.backend.device")().type == "cpu"
        with pytest.raises(NameNotAllowedError, match="permits only"):
            names.resolve("namelab.models.Net")

    def test_the_bridge_itself_is_always_allowed(self, monkeypatch):
        monkeypatch.setenv("JOBMAN_ALLOW", "")
        assert names.resolve("pylearn2_jobman.experiment.train_experiment")
        assert names.resolve("pylearn2.scripts.jobman.experiment.train_experiment")

    @pytest.mark.parametrize(
        "name",
        [
            "os.system",
            "builtins.eval",
            "__builtin__.eval",
            "namelab.os.system",
            "namelab.system",
            "namelab.models.np.load",
            "namelab.models.Net.__init__.__globals__",
            "namelab.models.Net.mro",
            "namelab.models.Net.limit",
            "namelab.models.extract",
            "namelab.models.np",
            "namelab.models",
            "namelab",
            "pylearn2.config.yaml_parse.load",
            "pylearn2.utils.state.restore_into",
            "pylearn2.train.serial.save",
            "pylearn2.utils.serial.save",
            "pylearn2.scripts.train.main",
            "pylearn2_jobman.running.train_command.main",
            "pylearn2_jobman.naming.names.resolve",
            "jobman.tools.make",
            "namelabs.x",
        ],
    )
    def test_everything_else_is_refused_by_name_whatever_the_route(self, name):
        with pytest.raises(NameNotAllowedError, match="not allowed here"):
            names.resolve(name)

    def test_a_pickle_gets_no_further(self):
        class Evil:
            def __reduce__(self):
                import os

                return os.system, ("true",)

        with pytest.raises(NameNotAllowedError, match=r"posix\.system"):
            unpickle(io.BytesIO(pickle.dumps(Evil())))

    @pytest.mark.parametrize(
        "value",
        [
            {"a": [1, (2.5, None)], "s": {1, 2}},
            numpy.arange(6.0).reshape(2, 3),
            numpy.float32(0.5),
            numpy.random.RandomState(3),
        ],
        ids=["plain", "array", "scalar", "random state"],
    )
    @pytest.mark.parametrize("protocol", [2, 5])
    def test_arrays_and_plain_data_are_unpickled(self, value, protocol):
        loaded = unpickle(io.BytesIO(pickle.dumps(value, protocol)))
        assert type(loaded) is type(value)
