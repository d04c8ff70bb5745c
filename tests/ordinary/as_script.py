"""What makes a script of an experiment: a state, a channel, and a place for the state."""

import os
from pathlib import Path

from pylearn2_jobman.jobman.channel import Channel
from pylearn2_jobman.jobman.state import DD, flatten


def run(main):
    """Run an experiment; what it leaves in its state goes into the file that $RESULTS names."""
    state, process = DD(), os.getpid()
    main(state, Channel(state))
    if os.getpid() == process:
        Path(os.environ["RESULTS"]).write_text(repr(flatten(state)))
