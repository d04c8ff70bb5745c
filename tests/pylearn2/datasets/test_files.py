"""Datasets are read from the files in which they are distributed."""

import pickle

import numpy as np
import pytest
from scipy import io

from pylearn2_jobman.pylearn2.datasets.cifar10 import CIFAR10
from pylearn2_jobman.pylearn2.datasets.csv_dataset import CSVDataset
from pylearn2_jobman.pylearn2.datasets.preprocessing import RemoveMean
from pylearn2_jobman.pylearn2.datasets.svhn import _FOR_VALIDATION, SVHN, SVHN_On_Memory

RNG = np.random.RandomState(0)


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("kind,a,b\n" + "".join(f"{i % 3},{i},{i / 2}\n" for i in range(10)))
    return str(path)


def test_the_first_column_of_a_table_is_the_label(csv):
    dataset = CSVDataset(csv)
    assert dataset.X.tolist() == [[i, i / 2] for i in range(10)]
    assert dataset.y.tolist() == [[i % 3] for i in range(10)]
    assert dataset.y_labels == 3


def test_the_first_columns_may_be_numbers_to_predict(csv):
    dataset = CSVDataset(csv, task="regression", num_outputs=2)
    assert dataset.y.tolist() == [[i % 3, i] for i in range(10)]
    assert dataset.X.shape == (10, 1)


def test_a_table_may_be_features_only_and_without_names(tmp_path):
    (tmp_path / "x.txt").write_text("1;2\n3;4\n")
    dataset = CSVDataset(
        str(tmp_path / "x.txt"), expect_labels=False, expect_headers=False, delimiter=";"
    )
    assert dataset.X.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("kept", "rows"),
    [
        ({"start": 2, "stop": 5}, [2, 3, 4]),
        ({"start_fraction": 0.3}, [0, 1, 2]),
        ({"end_fraction": 0.3}, [7, 8, 9]),
    ],
)
def test_a_part_of_the_rows_is_kept(csv, kept, rows):
    assert CSVDataset(csv, **kept).X[:, 0].tolist() == rows


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "ranking"}, "'classification' or 'regression'"),
        ({"start": 0, "stop": 11}, "not a range within 10 examples"),
        ({"start": 1, "end_fraction": 0.5}, "or end_fraction"),
        ({"start_fraction": 1.5}, "between 0 and 1"),
        ({"expect_headers": False}, r"data\.csv: .*expect_headers=False"),
        ({"task": "regression", "num_outputs": 3}, "leave none for features"),
    ],
)
def test_what_the_table_cannot_be_is_refused(csv, arguments, message):
    with pytest.raises(ValueError, match=message):
        CSVDataset(csv, **arguments)


def test_labels_must_be_labels(tmp_path):
    (tmp_path / "x.csv").write_text("y,x\n0.5,1\n")
    with pytest.raises(ValueError, match="does not hold labels"):
        CSVDataset(str(tmp_path / "x.csv"))


@pytest.fixture
def cifar10(tmp_path, monkeypatch):
    folder = tmp_path / "cifar10" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for i, name in enumerate([*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]):
        data = RNG.randint(0, 256, (4, 3072)).astype(np.uint8)
        batch = {b"data": data, b"labels": [i, 1, 2, 3]}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path))
    return folder


def test_cifar_is_read_in_the_order_of_its_batches(cifar10):
    train = CIFAR10("train")
    assert train.X.shape == (20, 3072)
    assert train.y[::4].ravel().tolist() == [0, 1, 2, 3, 4]
    first = pickle.loads((cifar10 / "data_batch_1").read_bytes())[b"data"][0]
    assert train.X[0].tolist() == first.tolist()
    # the first thousand numbers are the red channel
    image = train.get_topological_view()[0]
    assert image[:, :, 0].tolist() == first[:1024].reshape(32, 32).tolist()


def test_cifar_is_prepared_as_asked(cifar10):
    plain = CIFAR10("test").X
    np.testing.assert_allclose(
        CIFAR10("test", center=True, rescale=True).X, plain / 127.5 - 1, atol=1e-6
    )
    normalized = CIFAR10("test", gcn=55.0).X
    np.testing.assert_allclose(np.linalg.norm(normalized, axis=1), 55, rtol=1e-4)
    mean = CIFAR10("train").X.mean(0) / 255
    np.testing.assert_allclose(
        CIFAR10("test", toronto_prepro=True).X, plain / 255 - mean, atol=1e-5
    )
    assert CIFAR10("train", start=2, stop=5).get_num_examples() == 3


def test_cifar_refuses_what_it_cannot_do(cifar10, monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="no set 'valid'"):
        CIFAR10("valid")
    with pytest.raises(ValueError, match="without center and gcn"):
        CIFAR10("train", toronto_prepro=True, center=True)
    with pytest.raises(ValueError, match="not a range within 4 examples"):
        CIFAR10("test", start=3, stop=9)
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path / "elsewhere"))
    with pytest.raises(FileNotFoundError, match=r"elsewhere/cifar10.*kriz/cifar"):
        CIFAR10("train")


@pytest.fixture
def svhn(tmp_path, monkeypatch):
    folder = tmp_path / "SVHN" / "format2"
    folder.mkdir(parents=True)
    for part in ("train", "test", "extra"):
        images = RNG.randint(0, 256, (32, 32, 3, 5)).astype(np.uint8)
        labels = np.array([[1], [2], [9], [10], [3]], dtype=np.uint8)
        io.savemat(folder / f"{part}_32x32.mat", {"X": images, "y": labels})
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path))
    return io.loadmat(folder / "test_32x32.mat")["X"]


def test_street_view_labels_are_one_less_than_in_the_files(svhn):
    dataset = SVHN("test")
    order = np.arange(5)
    np.random.RandomState(322).shuffle(order)
    assert dataset.y.ravel().tolist() == np.array([0, 1, 8, 9, 2])[order].tolist()
    np.testing.assert_array_equal(dataset.get_topological_view()[2], svhn[:, :, :, order[2]])


def test_street_view_sets_can_be_joined_and_scaled(svhn):
    joined = SVHN_On_Memory("train_all", scale=True)
    assert joined.get_num_examples() == 10
    assert joined.X.max() <= 1
    both = SVHN("test", center=True, scale=True, start=1, stop=3).X
    np.testing.assert_allclose(both, SVHN("test").X[1:3] / 127.5 - 1, atol=1e-6)


def test_street_view_sets_for_training_and_validation_are_all_there_is(svhn, monkeypatch):
    monkeypatch.setitem(_FOR_VALIDATION, "train", 0)
    monkeypatch.setitem(_FOR_VALIDATION, "extra", 1)
    train, valid = SVHN("splitted_train"), SVHN("valid")
    assert train.get_num_examples() == valid.get_num_examples() == 5
    rows = np.concatenate([train.X, valid.X])
    assert sorted(rows.tolist()) == sorted(SVHN("train_all").X.tolist())


def test_street_view_files_may_lie_elsewhere(svhn, monkeypatch, tmp_path):
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path / "elsewhere"))
    assert SVHN("test", path=str(tmp_path / "SVHN" / "format2")).get_num_examples() == 5
    with pytest.raises(FileNotFoundError, match=r"elsewhere/SVHN/format2/test_32x32\.mat"):
        SVHN("test", path=str(tmp_path))


def test_a_preprocessor_learns_from_street_view_sets_for_training(svhn):
    learned = RemoveMean()
    assert abs(SVHN("train", preprocessor=learned).X.mean()) < 1e-3
    assert SVHN("test", preprocessor=learned).get_num_examples() == 5


def test_street_view_sets_that_do_not_exist_are_refused(svhn):
    with pytest.raises(ValueError, match="no set 'all'; it has train, test, extra, train_all"):
        SVHN("all")
    with pytest.raises(ValueError, match="not a range within 5 examples"):
        SVHN("test", start=4, stop=9)
