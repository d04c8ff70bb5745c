"""Sphinx configuration."""

import pylearn2_jobman

project = "pylearn2_jobman"
author = "The pylearn2_jobman developers"
copyright = "2026, the pylearn2_jobman developers"
version = release = pylearn2_jobman.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
html_theme = "furo"
html_title = f"pylearn2_jobman {version}"
exclude_patterns = ["_build"]
# Single backticks are code: the docstrings are read in editors as well.
default_role = "code"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
