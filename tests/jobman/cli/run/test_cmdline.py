"""What ``jobman cmdline`` prints."""

import subprocess
import sys
from pathlib import Path

TRAIN = """
import logging

def train(state, channel):
    for epoch in range(3):
        logging.getLogger("pylearn2_jobman.pylearn2.monitor").info("\\tvalid_nll: %s", epoch)
        channel.switch(f"epoch {epoch}, valid_nll {epoch}")
    logging.getLogger("lab").info("as before")
    state.results = {"nll": 0.25, "note": "a\\x1bb"}
    state.lr = state.lr / 2
    return channel.COMPLETE
"""


COMMANDS = """
for options in "" -v -r; do
    jobman cmdline $options -w "w$options" lab_cmdline.train lr=0.5 seed=3 || exit
    echo ---
done
grep valid_nll: w-r/stdout
"""


def test_of_training_it_prints_a_line_now_and_then_and_at_the_end_the_results(tmp_path):
    (tmp_path / "lab_cmdline.py").write_text(TRAIN)
    done = subprocess.run(
        ["sh", "-c", COMMANDS], cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    brief, verbose, into_file, file = done.stdout.split("---\n")
    lines = brief.splitlines()
    assert lines[1] == "epoch 0, valid_nll 0"
    assert "as before" in lines
    assert not any(line.startswith("\t") for line in lines)
    results = ["results.nll = 0.25", r"results.note = a\x1bb"]
    assert lines[-2:] == into_file.splitlines()[-2:] == results
    # Everything where that is asked for, and in a file.
    every = [f"\tvalid_nll: {epoch}" for epoch in range(3)]
    assert [line for line in verbose.splitlines() if line.startswith("\t")] == every
    assert file.splitlines() == every
