"""The tutorial notebook runs from its first cell to its last, and says what it promises."""

import re
import shutil
from pathlib import Path

import nbclient
import nbformat

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_analysis_notebook_runs_and_chooses_a_model(tmp_path, monkeypatch):
    shutil.copytree(EXAMPLES / "digits", tmp_path / "digits")
    notebook = nbformat.read(EXAMPLES / "analysis.ipynb", as_version=4)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = "".join(output.get("text", "") for output in outputs)
    assert "ran 24 jobs: 24 DONE" in said
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(figures) == 6
    # The chosen model is the one whose results are in the table.
    pairs = (output.get("data", {}).get("text/plain", "") for output in outputs)
    computed, stored = next(
        match.groups() for pair in pairs if (match := re.fullmatch(r"\((\S+), (\S+)\)", pair))
    )
    assert computed == stored
    errors = re.search(r"(\d+) of 397 test digits are wrong", said)
    assert errors is not None
    assert int(errors[1]) < 80
