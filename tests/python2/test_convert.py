"""``jobman convert`` makes Python 3 that stands by itself."""

import subprocess
import sys

from click.testing import CliRunner

from pylearn2_jobman.jobman.cli import jobman

OLD = '''#!/usr/bin/env python
# -*- coding: latin-1 -*-
"""Halves, and \xe9."""
from __future__ import absolute_import
print "half", 7 / 2, u"\xe9"
'''


def convert(*arguments):
    done = CliRunner().invoke(jobman, ["convert", *map(str, arguments)])
    return done.exit_code, str(done.exception or done.output)


def test_the_result_takes_the_place_of_the_file_which_is_kept(tmp_path):
    file = tmp_path / "old.py"
    file.write_bytes(OLD.encode("latin-1"))
    assert convert("--print", file)[1].endswith('print("half", div(7 , 2), "\xe9")\n')
    assert convert(file) == (0, f"{file} is Python 3 now; what it was is in {file}.orig\n")
    assert (tmp_path / "old.py.orig").read_bytes() == OLD.encode("latin-1")
    printed = subprocess.run(
        [sys.executable, "-X", "utf8", file], check=True, capture_output=True, encoding="utf-8"
    )
    assert printed.stdout == "half 3 \xe9\n"
    assert convert(file) == (0, f"{file} is Python 3 as it is: left alone\n")


def test_nothing_is_lost(tmp_path):
    file = tmp_path / "old.py"
    file.write_text("print 1")
    (tmp_path / "old.py.orig").write_text("precious")
    status, output = convert(file)
    assert status == 1
    assert "would be lost" in output
    assert file.read_text() == "print 1"


def test_what_is_no_python_at_all_is_said(tmp_path):
    file = tmp_path / "notes.py"
    file.write_text("this is not a program")
    status, output = convert(file)
    assert status == 1
    assert f"{file} is neither Python 3 nor Python 2" in output
