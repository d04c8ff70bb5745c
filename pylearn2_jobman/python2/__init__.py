"""Python 2's sources: converted to Python 3 as they are imported, with the meaning they had.

``importer`` finds them: a module of one's own that does not parse as Python 3, and the real
pylearn2. ``convert`` makes Python 3 of the text, ``division`` keeps what ``/`` meant, ``builtins``
has what Python 2 had built in, and ``libraries`` what NumPy, PyYAML and others called their things
then. A module that parses as Python 3 is never touched. What the numbers hang on, the order of
Python 2's dictionaries, is in ``pylearn2.utils.python2``.
"""
