"""``python -m pylearn2_jobman.jobman`` is the ``jobman`` command."""

from pylearn2_jobman.jobman.cli import main

if __name__ == "__main__":
    main()
