"""A layer of one's own, in Theano: units that are rectified on both sides, each with its slope."""

import numpy as np
import theano.tensor as T  # noqa: N812 - as all the world did
from pylearn2.models import mlp
from pylearn2.utils import sharedX


class TwoSlopes(mlp.Linear):
    """``x`` where it is positive, ``slope * x`` elsewhere, with a slope for each unit."""

    def __init__(self, slope=0.1, **kwargs):
        super().__init__(**kwargs)
        self.slope = sharedX(slope * np.ones(self.dim), name=self.layer_name + "_slope")

    def get_params(self):
        return [*super().get_params(), self.slope]

    def fprop(self, state_below):
        z = self._linear_part(state_below)
        return T.switch(z > 0, z, self.slope * z)
