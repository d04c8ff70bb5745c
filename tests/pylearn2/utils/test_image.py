"""Images are read, written and shrunk as arrays."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.utils import image

COLOURS = np.random.RandomState(0).randint(0, 256, (8, 12, 3)).astype(np.uint8)


def test_an_image_in_a_file_is_the_same(tmp_path):
    image.save(tmp_path / "a.png", COLOURS)
    np.testing.assert_allclose(image.load(tmp_path / "a.png"), COLOURS / 255)
    np.testing.assert_array_equal(image.load(tmp_path / "a.png", rescale_image=False), COLOURS)
    grey = COLOURS[:, :, :1] / 255.0
    image.save(tmp_path / "b.png", grey)
    np.testing.assert_allclose(image.load(tmp_path / "b.png"), grey, atol=1 / 255)


def test_a_thumbnail_keeps_the_proportions_in_a_black_box():
    made = image.make_letterboxed_thumbnail(np.full((8, 12, 3), 200, np.uint8), (6, 6))
    assert made.shape == (6, 6, 3)
    assert (made[1:5] > 190).all()
    assert (made[[0, 5]] == 0).all()
    np.testing.assert_array_equal(image.fit_inside(COLOURS, (8, 12)), COLOURS)


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match="must be from 0 to 1"):
        image.pil_from_ndarray(np.full((2, 2, 1), 2.0))
    with pytest.raises(ValueError, match="does not fit into"):
        image.letterbox(COLOURS, (8, 6))
