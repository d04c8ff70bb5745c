"""Models, and the layers that they are made of."""

__all__ = ["Model"]

from pylearn2_jobman.pylearn2.models.model import Model as Model
