"""The directories of jobs: where the files of a job are, and how they get there and back.

``roots`` are the places where every job has a directory for good, ``workdir`` the directory that a
job runs in, ``directories`` finds either, ``listing`` shows their files, ``remote`` those behind
ssh, ``records`` reads the monitor's records there, ``models`` finds the model, ``reload`` puts what
a directory holds back into the table. ``job_view`` is what can be seen of a job, with or without
its directory.
"""

__all__: list[str] = []
