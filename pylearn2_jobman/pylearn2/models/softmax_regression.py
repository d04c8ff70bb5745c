"""Softmax regression: a multi-layer perceptron without hidden layers."""

__all__ = ["SoftmaxRegression"]

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.space import Space
from pylearn2_jobman.pylearn2.utils.rng import Seed


class SoftmaxRegression(MLP):
    """An `MLP` whose only layer is a `Softmax` named 'y'; the parameters are theirs."""

    def __init__(
        self,
        n_classes: int,
        batch_size: int | None = None,
        input_space: Space | None = None,
        irange: float | None = None,
        istdev: float | None = None,
        sparse_init: int | None = None,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        max_row_norm: float | None = None,
        no_affine: bool = False,
        max_col_norm: float | None = None,
        nvis: int | None = None,
        seed: Seed = None,
        init_bias_target_marginals: DenseDesignMatrix | None = None,
    ) -> None:
        softmax = Softmax(
            n_classes=n_classes,
            layer_name="y",
            irange=irange,
            istdev=istdev,
            sparse_init=sparse_init,
            W_lr_scale=W_lr_scale,
            b_lr_scale=b_lr_scale,
            max_row_norm=max_row_norm,
            no_affine=no_affine,
            max_col_norm=max_col_norm,
            init_bias_target_marginals=init_bias_target_marginals,
        )
        super().__init__(
            layers=[softmax],
            batch_size=batch_size,
            input_space=input_space,
            nvis=nvis,
            seed=seed,
        )
