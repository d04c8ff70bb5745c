"""Hyper-parameters into YAML text, losing nothing.

`render` fills a template's place-holders; where one stands, which `flow` and `placeholder` find out
by YAML's own tokens, decides how a value is written. What the text then means is no matter of this
room: `pylearn2_jobman.pylearn2.config` loads it.
"""

__all__ = ["render", "ydict"]

from pylearn2_jobman.rendering.template import render, ydict
