"""Every name of Theano that pylearn2 uses is there, and computes what Theano computed."""

import importlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import theano
import theano.tensor as T

NAMES = (Path(__file__).parent / "names.txt").read_text().split()


def find(name):
    parts = name.split(".")
    for depth in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:depth]))
        except ModuleNotFoundError:
            continue
        for part in parts[depth:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_pylearn2_uses_is_there(name):
    find(name)


def test_a_name_that_is_not_there_is_an_attribute_error_of_theanos_name():
    with pytest.raises(AttributeError, match=r"module 'theano\.tensor' has no attribute 'nosuch'"):
        T.nosuch
    with pytest.raises(ModuleNotFoundError, match=r"theano\.nosuch"):
        import theano.nosuch  # noqa: F401


def test_a_module_has_one_identity_under_all_its_names():
    import theano.tensor.nnet.sigm
    import theano.tensor.signal.downsample
    from theano.gof import op
    from theano.tensor.signal import pool

    assert theano.tensor.nnet.sigm is T.nnet
    assert theano.tensor.signal.downsample is pool
    assert op.Op is theano.Op


def test_without_pytensor_the_error_says_what_the_module_is_and_what_to_install(tmp_path):
    (tmp_path / "my_layers.py").write_text("import theano.tensor as T")
    code = """
import importlib.util, pylearn2_jobman
from pylearn2_jobman.naming import names
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "pytensor" else real(name, *a)
names.resolve("my_layers.Layer")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "written in Theano" in done.stderr
    assert "pip install 'pylearn2_jobman[torch,theano]'" in done.stderr
    assert "git clone" in done.stderr
    assert "while importing 'my_layers'" in done.stderr


rng = np.random.RandomState(0)
A, B = rng.uniform(0.1, 0.9, (3, 4)), rng.uniform(0.1, 0.9, (3, 4))
V = rng.uniform(0.1, 0.9, 4)
S = np.exp(A) / np.exp(A).sum(1, keepdims=True)
IMAGES = rng.randn(2, 1, 4, 6)
CLASSES = np.array([1, 0, 3])

# An expression with a, b (matrices), v (a vector), x (images), and the same with NumPy.
EXPRESSIONS = {
    "T.abs_(-a)": A,
    "T.addbroadcast(v[:1], 0) + a": V[:1] + A,
    "T.alloc(2., 2, 3)": np.full((2, 3), 2.0),
    "T.and_(T.gt(a, b), T.gt(b, .5))": ((A > B) & (B > 0.5)).astype("int8"),
    "T.arange(2, 8, 3)": np.arange(2, 8, 3),
    "T.argmax(a, axis=1)": A.argmax(1),
    "T.as_tensor([1., 2.])": np.array([1.0, 2.0]),
    "T.cast(a * 9, 'int32')": (A * 9).astype("int32"),
    "T.clip(a, .3, .6)": A.clip(0.3, 0.6),
    "T.concatenate([a, b], axis=1)": np.hstack([A, B]),
    "T.dot(a, v)": A @ V,
    "T.eq(a, a)": np.ones((3, 4), "int8"),
    "T.extra_ops.repeat(v, 2)": V.repeat(2),
    "T.flatten(x, 2)": IMAGES.reshape(2, -1),
    "T.flatten(x, outdim=3)": IMAGES.reshape(2, 1, -1),
    "T.ge(a, b)": (A >= B).astype("int8"),
    "T.inc_subtensor(a[1], 1.)": A + np.array([[0], [1], [0]]),
    "T.inv(a)": 1 / A,
    "T.isnan(T.log(-a))": np.ones((3, 4), "int8"),
    "T.join(0, a, b)": np.vstack([A, B]),
    "T.largest(a, b, 2 * b)": np.maximum(A, 2 * B),
    "T.le(a, b)": (A <= B).astype("int8"),
    "T.lt(a, b)": (A < B).astype("int8"),
    "T.max(a, axis=0)": A.max(0),
    "T.mean(a > b)": (A > B).mean(),
    "T.neq(a, b).sum()": 12,
    "T.neq(a, b) + T.neq(a, b)": np.full((3, 4), 2, "int8"),
    "T.nnet.binary_crossentropy(a, b)": -(B * np.log(A) + (1 - B) * np.log(1 - A)),
    "T.nnet.categorical_crossentropy(T.nnet.softmax(a), c)": -np.log(S[range(3), CLASSES]),
    "T.nnet.categorical_crossentropy(T.nnet.softmax(a), b)": -(B * np.log(S)).sum(1),
    "T.nnet.hard_sigmoid(a)": (0.2 * A + 0.5).clip(0, 1),
    "T.nnet.relu(a - b)": (A - B).clip(0),
    "T.nnet.relu(a - b, .1)": np.where(A > B, A - B, 0.1 * (A - B)),
    "T.nnet.sigmoid(a)": scipy.special.expit(A),
    "T.nnet.softmax(a)": S,
    "T.nnet.softmax(v)": np.exp(V)[None] / np.exp(V).sum(),  # a row, as Theano's
    "T.nnet.softmax_with_bias(a, 0 * v)": S,
    "T.nnet.softplus(a)": np.log1p(np.exp(A)),
    "T.patternbroadcast(v[:1], (True,)) + a": V[:1] + A,
    "T.Rebroadcast((0, False))(v)": V,
    "T.set_subtensor(a[:, 0], 0.)": A * [0, 1, 1, 1],
    "T.sgn(a - b)": np.sign(A - B),
    "T.sqr(a)": A**2,
    "T.stack(v, v)": np.stack([V, V]),
    "T.stack([v, v], 1)": np.stack([V, V], 1),
    "T.switch(a > b, a, b)": np.maximum(A, B),
    "T.tile(v, (2, 1))": np.tile(V, (2, 1)),
    "T.unbroadcast(v, 0)": V,
    "T.xor(T.gt(a, b), T.gt(b, a))": np.ones((3, 4), "int8"),
    "T.xlogx.xlogx(a)": A * np.log(A),
    "(a > b) * (a > .5)": (A > B) * (A > 0.5),
    "(a > b) + (b > a) + (a > b)": (A > B) * 2 + (B > A) * 1,
    "1 - (a > b)": 1 - (A > B),
    "theano._asarray(3, dtype='floatX')": np.array(3.0),
    "theano.ifelse.ifelse(T.gt(v[0], 2), a, b)": B,
    "theano.scan(lambda s, p: p + s, sequences=v, outputs_info=T.zeros(()))[0]": V.cumsum(),
    "theano.map(lambda s: s * 2, v)[0]": 2 * V,
    "theano.dot(a, b.T)": A @ B.T,
    "theano.Rop(T.sqr(v), v, T.ones_like(v))": 2 * V,
    "theano.Lop(T.sqr(v), v, T.ones_like(v))": 2 * V,
    "theano.grad(T.sum(T.sqr(v)), v)": 2 * V,
    "theano.gradient.grad(T.sum(T.exp(v)), v)": np.exp(V),
    "theano.sandbox.linalg.ops.alloc_diag(v)": np.diag(V),
    "theano.sparse.dense_from_sparse(theano.sparse.csr_from_dense(a))": A,
    "theano.sparse.structured_dot(theano.sparse.csr_from_dense(a), b.T)": A @ B.T,
    "theano.printing.Print('', attrs=())(a)": A,
    "theano.sandbox.neighbours.images2neibs(x, (2, 3))": IMAGES.reshape(2, 1, 2, 2, 2, 3)
    .transpose(0, 1, 2, 4, 3, 5)
    .reshape(8, 6),
    "theano.sandbox.neighbours.neibs2images("
    "theano.sandbox.neighbours.images2neibs(x, (2, 3)), (2, 3), x.shape)": IMAGES,
}


def test_expressions_have_the_values_of_numpy():
    """All in one function: to build one takes longer than to call it."""
    import theano.sandbox.linalg.ops
    import theano.sandbox.neighbours
    import theano.sparse
    import theano.tensor.xlogx

    a, b = T.matrices("a", "b")
    v, x, c = T.vector("v"), T.tensor4("x"), T.lvector("c")
    here = {"T": T, "theano": theano, "a": a, "b": b, "v": v, "x": x, "c": c}
    outputs = [T.as_tensor_variable(eval(text, here)) for text in EXPRESSIONS]
    compute = theano.function([a, b, v, x, c], outputs, on_unused_input="ignore")
    for text, made, expected in zip(
        EXPRESSIONS, compute(A, B, V, IMAGES, CLASSES), EXPRESSIONS.values(), strict=True
    ):
        np.testing.assert_allclose(made, expected, rtol=1e-12, err_msg=text)
        if np.asarray(expected).dtype == np.int8:
            assert made.dtype == np.int8, text


def test_functions_take_what_theanos_took():
    x = T.scalar("x")
    total = theano.shared(0.0, "total")
    step = theano.function([x], [x * 2, 7], updates=[(total, total + x), (total, total + x)][:1])
    assert [float(each) for each in step(3)] == [6, 7]
    assert total.get_value() == 3
    swapped = theano.function([], x * 2, givens={x: total}, mode="DebugMode")
    assert swapped() == 6
    assert theano.function([theano.Param(x, name="x")], x + 1)(4.0) == 5
    assert theano.Mode(linker="c|py", optimizer="fast_run") is not None


def test_flags_that_only_theano_had_are_kept_apart():
    assert theano.config.compute_test_value == "off"
    assert theano.config.device == "cpu"
    with theano.config.change_flags(compute_test_value="raise", floatX="float32"):
        assert T.matrix().dtype == "float32"
    theano.configparser.AddConfigVar("pylearn2.x", "", theano.configparser.StrParam("mine"))
    assert theano.config.pylearn2.x == "mine"


def test_there_are_no_graphics_cards():
    from theano.sandbox import cuda

    assert not cuda.cuda_available
    assert not cuda.dnn.dnn_available()
    with pytest.raises(RuntimeError, match="computed by the processor"):
        cuda.basic_ops.gpu_from_host(1)


def test_importing_it_changes_neither_numpy_nor_pytensor():
    import pytensor.tensor as pt

    assert (pt.matrix() > 0).dtype == "bool"
    assert pt.eq(pt.matrix(), 0).dtype == "bool"
    assert not hasattr(np, "cast")


def test_a_recorded_function_is_compared_with_what_it_did():
    from theano.tests.record import Record, RecordMode

    x = T.scalar("x")
    output = io.StringIO()
    theano.function([x], x * 2 + 1, mode=RecordMode(Record(output)))(3)
    output.seek(0)
    again = theano.function([x], x * 2 + 1, mode=RecordMode(Record(output, replay=True)))
    again(3)
    output.seek(0)
    with pytest.raises(AssertionError, match="it was"):
        again(4)
