"""The end of a process that leaves out what C libraries would do last."""

import subprocess
import sys

import pytest

SCRIPT = """
import atexit, ctypes, os, sys, threading, time, types

sys.modules["torch"] = types.ModuleType("torch")
c = ctypes.CDLL(None)


class Last:
    def __del__(self, write=os.write):
        write(1, b"finalized\\n")

{before}
from pylearn2_jobman.jobman.worker import teardown
print(teardown.leave_out(), flush=True)
last = Last()
atexit.register(print, "atexit", flush=True)
threading.Thread(target=lambda: (time.sleep(0.1), print("thread", flush=True))).start()
left_open = open(sys.argv[1], "w")
left_open.write("a file that is left open")
c.fopen.restype, c.fputs.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_void_p)
c.fputs(b"what C has buffered", c.fopen(sys.argv[2].encode(), b"w"))
sys.exit(3)
"""
glibc = pytest.mark.skipif(
    sys.platform != "linux", reason="only GNU's C library can be told how to end"
)


def run(tmp_path, before=""):
    python, c = tmp_path / "python", tmp_path / "c"
    script = SCRIPT.replace("{before}", before)
    done = subprocess.run(
        [sys.executable, "-c", script, python, c], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert python.read_text() == "a file that is left open"
    assert c.read_text() == "what C has buffered"
    return done.stdout.splitlines()


@glibc
def test_all_but_the_end_of_the_libraries_loaded_before_is_as_ever(tmp_path):
    ended = run(tmp_path, "c.__cxa_atexit(c.abort, None, None)")
    assert ended == ["True", "thread", "atexit", "finalized"]


def test_nothing_is_left_out_where_a_compiled_module_may_have_something_to_close(tmp_path):
    before = """
from importlib.machinery import ExtensionFileLoader, ModuleSpec
h5py = types.ModuleType("h5py._files")
h5py.__spec__ = ModuleSpec("h5py._files", ExtensionFileLoader("h5py._files", "/h5py/_files.so"))
sys.modules["h5py._files"] = h5py
"""
    assert run(tmp_path, before) == ["False", "thread", "atexit", "finalized"]
