"""The house is built as its plan says; import-linter checks the rest of that (pyproject.toml)."""

from graphlib import TopologicalSorter

import grimp


def test_no_module_imports_itself_through_others():
    graph = grimp.build_graph("pylearn2_jobman", cache_dir=None)  # imports for types included
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # a CycleError names the modules
