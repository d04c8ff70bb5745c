"""Experiments as YAML templates plus hyper-parameters, scheduled through a database."""

__version__ = "0.1.0"
