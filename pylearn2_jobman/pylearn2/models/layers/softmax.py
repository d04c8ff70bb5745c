"""The layer that gives the probabilities of classes."""

__all__ = ["Softmax"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.model_extensions.model_extension import ModelExtension
from pylearn2_jobman.pylearn2.models.layers.affine import Affine
from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.models.layers.weights import InitialWeights
from pylearn2_jobman.pylearn2.space import IndexSpace, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.backward import Contributions

if TYPE_CHECKING:
    from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix


@takes_old_arguments("pylearn2.models.mlp.Softmax")
class Softmax(Affine):
    """The probabilities of ``n_classes`` classes: a softmax of ``X W + b``.

    Parameters
    ----------
    n_classes
        Number of classes.
    layer_name, W_lr_scale, b_lr_scale, max_row_norm, max_col_norm
        See `pylearn2.models.layers.affine.Affine`. The parameters are called softmax_b and
        softmax_W whatever the layer is called.
    irange, istdev, sparse_init
        How W begins: see `pylearn2.models.layers.weights.InitialWeights`.
    no_affine
        Whether to leave out W and b: the input already has ``n_classes`` numbers.
    init_bias_target_marginals
        Dataset with whose frequencies of classes b begins.
    binary_target_dim
        Number of labels an example has, where the targets are labels and not one-hot vectors.
    non_redundant
        Whether to fix the preactivation of class 0 to 0, so that W and b have one column less.
    extensions
        See `pylearn2.models.layers.weights.WeightedLayer`.
    """

    def __init__(
        self,
        n_classes: int,
        layer_name: str,
        irange: float | None = None,
        istdev: float | None = None,
        sparse_init: int | None = None,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        max_row_norm: float | None = None,
        no_affine: bool = False,
        max_col_norm: float | None = None,
        init_bias_target_marginals: "DenseDesignMatrix | None" = None,
        binary_target_dim: int | None = None,
        non_redundant: bool = False,
        extensions: Sequence[ModelExtension] | None = None,
    ) -> None:
        super().__init__(
            layer_name,
            InitialWeights(irange, istdev, sparse_init),
            max_row_norm=max_row_norm,
            max_col_norm=max_col_norm,
            W_lr_scale=W_lr_scale,
            b_lr_scale=b_lr_scale,
            extensions=extensions,
        )
        if binary_target_dim is not None and int(binary_target_dim) <= 0:
            raise ValueError(
                f"layer {layer_name!r}: binary_target_dim is {binary_target_dim}, not positive"
            )
        self.n_classes = int(n_classes)
        self.no_affine = no_affine
        self.non_redundant = non_redundant
        self.binary_target_dim = binary_target_dim
        if init_bias_target_marginals is not None:
            bias = _bias_for(init_bias_target_marginals, self.n_classes)
            self.init_bias = bias[1:] - bias[0] if non_redundant else bias

    def param_name(self, attribute: str) -> str:
        """Return ``softmax_<attribute>``."""
        return f"softmax_{attribute}"

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Make b and draw W."""
        inputs = self.take_input_from(space)
        outputs = self.n_classes - self.non_redundant
        if self.no_affine:
            if inputs != outputs:
                raise ValueError(
                    f"layer {self.layer_name!r}: with no_affine and n_classes={self.n_classes} the "
                    f"input must have {outputs} numbers; it has {inputs}"
                )
            return
        self.add_bias(outputs)
        self.add_weights(rng, outputs)

    def get_output_space(self) -> Space:
        """Return the vectors of ``n_classes`` numbers."""
        return VectorSpace(self.n_classes)

    def get_target_space(self) -> Space:
        """Return one-hot vectors, or labels with ``binary_target_dim``."""
        if self.binary_target_dim is None:
            return VectorSpace(self.n_classes)
        return IndexSpace(self.n_classes, self.binary_target_dim)

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return W_lr_scale and b_lr_scale, where they are given."""
        return {} if self.no_affine else super().get_lr_scalers()

    def get_weights_to_decay(self) -> torch.Tensor:
        """Return W, if there is one."""
        return (
            Layer.get_weights_to_decay(self) if self.no_affine else super().get_weights_to_decay()
        )

    def preactivation(self, X: torch.Tensor) -> torch.Tensor:
        """Return the logarithms of unnormalized probabilities: (examples, n_classes)."""
        if self.no_affine:
            Z = self.input_space.format_as(X, self.inputs)
        else:
            Z = super().preactivation(X)
        return F.pad(Z, (1, 0)) if self.non_redundant else Z

    def preactivation_backward(
        self, X: torch.Tensor, dZ: torch.Tensor, to_input: bool
    ) -> tuple[torch.Tensor | None, Contributions]:
        """Return the gradients for the input, W and b, where there are W and b."""
        if self.non_redundant:
            dZ = F.pad(dZ, (-1, 0))
        return (dZ, []) if self.no_affine else super().preactivation_backward(X, dZ, to_input)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the softmax of each row."""
        return Z.softmax(1)

    def decided(self, H: torch.Tensor) -> torch.Tensor:
        """Return the class of the largest probability, of shape (examples,)."""
        return H.argmax(1)

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the negative log-likelihood of the targets; the mean over the batch."""
        if self.binary_target_dim is None:
            return F.cross_entropy(Z, Y)
        return -Z.log_softmax(1).gather(1, Y).sum(1).mean()

    def activation_backward(
        self, Z: torch.Tensor, H: torch.Tensor, dH: torch.Tensor
    ) -> torch.Tensor:
        """Return the gradient of the softmax."""
        return torch._softmax_backward_data(dH, H, 1, Z.dtype)

    def cost_backward(self, Y: torch.Tensor, Z: torch.Tensor, seed: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the negative log-likelihood."""
        logs, each = Z.log_softmax(1), seed / -Z.shape[0]
        if self.binary_target_dim is None:
            to_logs = each * Y
        else:
            to_logs = torch.zeros_like(logs).scatter_add_(1, Y, each.expand(Y.shape))
        return torch._log_softmax_backward_data(to_logs, logs, 1, Z.dtype)

    def enforce_constraints(self) -> None:
        """Keep the weights' norms within the limits."""
        if not self.no_affine:
            super().enforce_constraints()

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the weights, how sure the layer is, and how right."""
        channels = {} if self.no_affine else super().get_layer_monitoring_channels(X, Z, H, Y)
        surest = H.amax(1)
        least, most = surest.aminmax()
        channels |= {
            "mean_max_class": surest.mean(),
            "max_max_class": most,
            "min_max_class": least,
        }
        if Y is None:
            return channels
        if self.binary_target_dim in (None, 1):  # with several labels, it is not defined
            labels = Y.argmax(1, keepdim=True) if self.binary_target_dim is None else Y
            wrong = H.argmax(1, keepdim=True) != labels
            channels["misclass"] = wrong.to(H.dtype).mean()
        return channels | {"nll": self.cost(Y, Z)}


def _bias_for(dataset: "DenseDesignMatrix", n_classes: int) -> Any:
    """Return the bias whose softmax is the frequencies of the classes in a dataset."""
    y = dataset.get_targets()
    if y is None:
        raise ValueError("init_bias_target_marginals needs a dataset with targets")
    if np.issubdtype(y.dtype, np.integer) and dataset.y_labels is not None:
        frequencies = np.bincount(y.ravel(), minlength=n_classes) / y.size
    else:
        frequencies = y.mean(axis=0)
    if frequencies.shape != (n_classes,) or not (frequencies > 0).all():
        raise ValueError(
            f"init_bias_target_marginals: each of the {n_classes} classes must occur in the "
            "dataset's targets"
        )
    bias = np.log(frequencies)
    return bias - bias.mean()
