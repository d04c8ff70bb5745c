"""What a class takes is found up its bases, where its constructor passes ``**kwargs`` up."""

import inspect
import json
from pathlib import Path

import pytest

from pylearn2_jobman.naming import names
from pylearn2_jobman.naming.signatures import FullSignature, argument_problem, signature

DATA = Path(__file__).parents[1] / "data" / "pylearn2"
RECORDED = DATA / "arguments.json"
REAL = json.loads((DATA / "defaults.json").read_text())

# The real default, and ours where it differs: the same by another spelling.
SPELT_DIFFERENTLY = {
    "datasets.csv_dataset.CSVDataset.rng": ("(17, 2, 946)", "None"),
    "datasets.dense_design_matrix.DenseDesignMatrix.rng": ("(17, 2, 946)", "None"),
    "datasets.mnist.MNIST.axes": ("['b', 0, 1, 'c']", "('b', 0, 1, 'c')"),
    "datasets.vector_spaces_dataset.VectorSpacesDataset.rng": ("(17, 2, 946)", "None"),
    "models.mlp.ConvElemwise.tied_b": ("None", "False"),
    "models.rbm.build_stacked_RBM.input_mean_vis": ("None", "False"),
    "space.Conv2DSpace.dtype": ("'floatX'", "None"),
    "space.VectorSpace.dtype": ("'floatX'", "None"),
    "training_algorithms.default.DefaultTrainingAlgorithm.monitoring_batches": ("-1", "None"),
    "training_algorithms.sgd.SGD.seed": ("[2012, 10, 5]", "None"),
    # Without data, or without numbers of units, there is nothing to make.
    "datasets.vector_spaces_dataset.VectorSpacesDataset.data": ("None", None),
    "datasets.vector_spaces_dataset.VectorSpacesDataset.data_specs": ("None", None),
    "models.rbm.GaussianBinaryRBM.nhid": ("None", None),
    "models.rbm.GaussianBinaryRBM.nvis": ("None", None),
    "models.rbm.RBM.nhid": ("None", None),
    "models.rbm.RBM.nvis": ("None", None),
}


class Base:
    def __init__(self, dim, name, scale=1.0):
        self.arguments = dim, name, scale


class WithSuper(Base):
    def __init__(self, slope=0.0, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope


class WithOldSuper(Base):
    def __init__(self, slope=0.0, **kwargs):
        super(WithOldSuper, self).__init__(**kwargs)  # noqa: UP008
        self.slope = slope


class WithTheBaseNamed(Base):
    def __init__(self, slope=0.0, **kwargs):
        Base.__init__(self, **kwargs)
        self.slope = slope


class WithoutConstructor(WithSuper):
    pass


class TwoStepsUp(WithSuper):
    def __init__(self, **others):
        super().__init__(**others)


class InOrder(Base):
    def __init__(self, first, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.first = first


class AfterOptional(Base):
    def __init__(self, first=1, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.first = first


class Fills(Base):
    def __init__(self, scale, **kwargs):
        self.text = """A line
without indentation."""
        super().__init__(3, scale=2 * scale, **kwargs)


class Mixin:
    def __init__(self, mixed=0, **kwargs):
        super().__init__(**kwargs)
        self.mixed = mixed


class Mixed(Mixin, Base):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)


class Pops(Base):
    def __init__(self, **kwargs):
        self.own = kwargs.pop("own", None)
        super().__init__(**kwargs)


class Adds(Base):
    def __init__(self, **kwargs):
        kwargs["dim"] = 3
        super().__init__(**kwargs)


class Decides(Base):
    def __init__(self, dim=None, **kwargs):
        if dim is None:
            super().__init__(3, "three")
        else:
            super().__init__(dim, **kwargs)


class Returns(Base):
    def __init__(self, short=False, **kwargs):
        if short:
            super().__init__(name="short", **kwargs)
            return
        super().__init__(dim=3, **kwargs)


class Merges(Base):
    def __init__(self, more, **kwargs):
        super().__init__(**more, **kwargs)


FIXED = (3, "three")


class Stars(Base):
    def __init__(self, **kwargs):
        super().__init__(*FIXED, **kwargs)


class Shortens(Base):
    def __init__(self, *args, **kwargs):
        args = args[1:]
        super().__init__(*args, **kwargs)


class Collects(Base):
    def __init__(self, *parts, **kwargs):
        super().__init__(**kwargs)
        self.parts = parts


class Keeps:
    def __init__(self, **kwargs):
        self.kwargs = kwargs


class Elsewhere(Base):
    def __init__(self, **kwargs):
        Keeps.__init__(self, **kwargs)


def without_source():
    namespace = {"Base": Base}
    code = "class X(Base):\n def __init__(self, **kwargs):\n  super().__init__(**kwargs)\n"
    exec(code, namespace)
    return namespace["X"]


def with_another_source():
    namespace = {}
    lines = Path(__file__).read_text().splitlines()
    before = "\n" * lines.index("    def __init__(self, slope=0.0, **kwargs):")
    exec(compile(f"{before}def __init__(self, **others): pass", __file__, "exec"), namespace)
    return type("X", (Base,), namespace)


class Factory(Base):
    def __new__(cls, **kwargs):
        return super().__new__(cls)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)


class Plain(Mixin):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        (Base, "(dim, name, scale=1.0)"),
        (WithSuper, "(slope=0.0, *, dim, name, scale=1.0)"),
        (WithOldSuper, "(slope=0.0, *, dim, name, scale=1.0)"),
        (WithTheBaseNamed, "(slope=0.0, *, dim, name, scale=1.0)"),
        (WithoutConstructor, "(slope=0.0, *, dim, name, scale=1.0)"),
        (TwoStepsUp, "(*, slope=0.0, dim, name, scale=1.0)"),
        (InOrder, "(first, dim, name, scale=1.0)"),
        (AfterOptional, "(first=1, *, dim, name, scale=1.0)"),
        (Fills, "(scale, *, name)"),
        (Collects, "(*parts, dim, name, scale=1.0)"),
        (Mixed, "(*, mixed=0, dim, name, scale=1.0)"),
        (Returns, "(short=False, *, dim=None, scale=1.0, name=None)"),
        (Plain, "(*, mixed=0)"),
    ],
)
def test_what_is_passed_up_is_taken_as_above(target, taken):
    assert str(signature(target)) == taken


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        (Pops, "(**kwargs)"),
        (Adds, "(**kwargs)"),
        (Decides, "(dim=None, **kwargs)"),
        (Merges, "(more, **kwargs)"),
        (Stars, "(**kwargs)"),
        (Shortens, "(*args, **kwargs)"),
        (Keeps, "(**kwargs)"),
        (Elsewhere, "(**kwargs)"),
        (Factory, "(**kwargs)"),
        (without_source(), "(**kwargs)"),
        (with_another_source(), "(**others)"),
    ],
)
def test_nothing_is_assumed_where_it_is_not_plain_to_see(target, taken):
    assert str(signature(target)) == taken
    assert argument_problem(target, "lab.X", ["anything", "more", "dim"]) is None


def test_an_argument_that_is_filled_in_below_is_not_taken():
    problem = argument_problem(Fills, "lab.Fills", ["scale", "name", "dim"])
    assert problem == "lab.Fills takes no argument 'dim'. It takes: scale, name"


def test_the_full_signature_is_what_python_shows_of_a_class_but_not_of_its_instances():
    class Shown(WithSuper):
        __signature__ = FullSignature()

        def __call__(self, x):
            return x

    class Derived(Shown):
        def __init__(self, more, **kwargs):
            super().__init__(**kwargs)

    assert str(inspect.signature(Shown)) == "(slope=0.0, *, dim, name, scale=1.0)"
    assert str(inspect.signature(Derived)) == "(more, *, slope=0.0, dim, name, scale=1.0)"
    assert str(inspect.signature(Shown(dim=1, name="x"))) == "(x)"


@pytest.mark.parametrize("path", sorted(json.loads(RECORDED.read_text())))
def test_a_call_of_before_still_means_the_same(path):
    positional, by_name = json.loads(RECORDED.read_text())[path]
    taken = signature(names.resolve(path)).parameters.values()
    parameters = [p for p in taken if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    in_order = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert in_order[: len(positional)] == list(positional)
    now = {p.name: None if p.default is p.empty else repr(p.default) for p in parameters}
    before = positional | by_name
    assert now.keys() >= before.keys()
    # What was needed may have a default today.
    kept = {name: default for name, default in before.items() if default is not None}
    assert {name: now[name] for name in kept} == kept
    added = now.keys() - before
    assert all(now[name] is not None for name in added)


@pytest.mark.parametrize("path", sorted(REAL))
def test_a_default_is_that_of_the_real_pylearn2(path):
    taken = signature(names.resolve(path)).parameters.values()
    ours = {p.name: None if p.default is p.empty else repr(p.default) for p in taken}
    for name in REAL[path].keys() & ours.keys():
        if REAL[path][name] is None:
            continue  # it is needed there, and may be left out here
        place = f"{path}.{name}".removeprefix("pylearn2.")
        real, expected = SPELT_DIFFERENTLY.get(place, (REAL[path][name], REAL[path][name]))
        assert (REAL[path][name], ours[name]) == (real, expected), place


AUTOENCODER = (4, 3, "tanh", "sigmoid", True, None, 0.2, 7)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("pylearn2.models.autoencoder.ContractiveAutoencoder", AUTOENCODER),
        ("pylearn2.models.autoencoder.DenoisingAutoencoder", ("noise", *AUTOENCODER)),
        (
            "pylearn2.models.autoencoder.HigherOrderContractiveAutoencoder",
            ("noise", 2, *AUTOENCODER),
        ),
        ("pylearn2.models.pca.CovEigPCA", (5, 2, 0.1, True)),
        (
            "pylearn2.models.mlp.ConvRectifiedLinear",
            (
                *(3, [2, 2], [2, 1], [1, 1], "h", None, "full", 2, 1.0, 0.5, 0.1, 0.2, 0.3, 0.4),
                *("mean", True, len, abs, [2, 2], "detection"),
            ),
        ),
    ],
)
def test_arguments_by_place_and_by_name_are_the_same(path, arguments):
    target = names.resolve(path)
    taken = signature(target).bind(*arguments).arguments
    assert len(taken) == len(arguments) == len(signature(target).parameters)
    by_place, by_name = target(*arguments), target(**taken)
    assert repr(made_of(by_place)) == repr(made_of(by_name))


def made_of(model):
    """Return what a model is made of; what is computed from every argument is among it."""
    attributes = model.__getstate__()["attributes"]
    if "nonlinearity" in attributes:
        attributes["nonlinearity"] = vars(attributes["nonlinearity"])
    return attributes, model.get_param_values()
