"""Why an import failed: a mistake, or a package that is not here and may be elsewhere."""

__all__ = ["import_failure", "packages_here", "why_absent"]

import difflib
import importlib.util
import pkgutil
import sys

# Names of packages that are as alike as this, and as long to a letter, are one of them misspelt.
_ALIKE = 0.75
# Those that `naming.aliases` serves.
_SERVED = {"jobman", "pylearn2", "theano"}


def packages_here() -> set[str]:
    """Return the names of all packages and modules that can be imported here."""
    return _SERVED | {module.name for module in pkgutil.iter_modules()}


def why_absent(error: BaseException) -> str | None:
    """Return which package an import failed for, if it is one that another machine may have.

    None if the failure is a mistake wherever it is tried: a name that a package which is here does
    not have, a package's name that is nearly that of one which is here, an error in a module.
    """
    if not isinstance(error, ImportError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package in sys.modules or importlib.util.find_spec(package) is not None:
        return None
    as_long = [name for name in packages_here() if abs(len(name) - len(package)) < 2]
    if difflib.get_close_matches(package, as_long, n=1, cutoff=_ALIKE):
        return None
    return f"there is no package {package!r} here"


def import_failure(name: str, error: BaseException) -> str:
    """Return what to say of a name whose module raised an error when it was imported."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{name} cannot be imported: {said}"
