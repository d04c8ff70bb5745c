"""The house is built as its plan says; import-linter checks the rest of that (pyproject.toml)."""

import subprocess
import sys
from graphlib import TopologicalSorter

import grimp


def test_no_module_imports_itself_through_others():
    graph = grimp.build_graph("pylearn2_jobman", cache_dir=None)  # imports for types included
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # a CycleError names the modules


def test_what_every_worker_imports_is_light():
    """A worker's fork server imports the bridge before any job says whether it needs PyTorch."""
    code = (
        "import sys; import pylearn2_jobman.experiment, pylearn2_jobman.jobman.worker.server; "
        "print(*({'torch', 'scipy', 'pandas', 'fissix', 'pytensor'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
