"""`jobman launch` and `jobdispatch`: what they would run, and what they refuse."""

import re
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.run.launch import launch
from pylearn2_jobman.jobman.cluster.duration import format_duration, parse_duration
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.table import open_table, single_host


@pytest.fixture
def url(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert({"a": 1})
    return sqlite_url


def run(command, *arguments):
    """Run a command; return its exit code and what it said, with single spaces."""
    done = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if isinstance(done.exception, UsageError):
        return 2, str(done.exception)
    return done.exit_code, done.output


def said(command, *arguments, code=0):
    found, text = run(command, *arguments)
    assert found == code, text
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-n", "2"], "by what? Give one of --slurm, --dask, --psij, --ssh, --local; or --status"),
        (["--local", "--slurm"], "by what?"),
        (["--psij", "pbs"], "--psij needs --time: without it PSI/J asks for ten minutes"),
        (["--psij", "pbs", "--time", "1:00", "--attribute", "x"], "--attribute is NAME=VALUE"),
        (["--local", "--time", "1:00:00"], "--time is for --slurm and --psij, not for --local"),
        (["--local", "--warning", "60"], "--warning is for --slurm and --psij, not for --local"),
        (["--dask=local", "--srun", ""], "--srun is for --slurm, not for --dask"),
        (["--slurm", "--time", "soon"], "'soon' is not a time; one looks like 4:00:00"),
        (["--slurm", "--sbatch=-t 2:00"], "a time limit of 120 s leaves no time for a job"),
        (["--slurm", "--time=1:00:00", "--min-time=3600"], "and a job takes 3600 s (--min-time)"),
        (["--slurm", "--sbatch='"], "cannot be read: No closing quotation"),
        (["--dask", "tcp://127.0.0.1:9"], "no Dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_before_anything_is_started(url, monkeypatch, arguments, message):
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "0.1s"}):
        assert message in said(launch, *arguments, url, "exp", code=2)


def test_a_wrong_option_of_the_worker_or_table_is_noticed_at_once(url):
    assert "No such option '--grce'" in said(launch, "--local", url, "exp", "--grce", 5, code=2)
    other = url.replace("table=t_", "table=t")
    assert "no job table 't'; did you mean 't_'?" in said(launch, "--local", other, "e", code=2)
    assert "missing EXPROOT" in said(launch, "--local", url, code=2)


def test_without_sbatch_the_user_is_sent_to_where_there_is_one(url, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no sbatch on this machine" in said(launch, "--slurm", url, "exp", code=2)


def test_without_psij_the_user_is_told_how_to_get_it(url, monkeypatch):
    monkeypatch.setitem(sys.modules, "psij", None)
    message = "--psij needs PSI/J: pip install 'pylearn2_jobman[psij]'"
    assert message in said(launch, "--psij", "pbs", "--time", "1:00:00", url, "exp", code=2)


def script(url, *options, worker_options=()):
    code, text = run(
        launch, "--slurm", "--print", "-n", 200, *options, url, "my exp", *worker_options
    )
    assert code == 0, text
    checked = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True)
    assert checked.stderr == ""
    return text


def test_the_script_of_an_array(url):
    text = script(
        url,
        *("--array-limit", 50, "--sbatch=--gres=gpu:1 -t 4:00:00", "--queue", "gpu"),
        *("--setup", "module load cuda", "--python", "python", "--min-time", "600"),
        worker_options=("-j4", "--import", "torch"),
    )
    directives = re.findall("^#SBATCH (.*)", text, re.MULTILINE)
    assert directives == [
        "--job-name=jobman-t_", "--array=0-199%50", "--requeue", "--open-mode=append",
        "--signal=B:USR1@120", "--partition=gpu", "--gres=gpu:1 -t 4:00:00",
    ]  # fmt: skip
    assert "{\nmodule load cuda\n} || exit\n" in text
    (line,) = re.findall("^(python .*) &$", text, re.MULTILINE)
    assert shlex.split(line) == [
        "python", "-m", "pylearn2_jobman.jobman", "sql", "-n0", "--no-progress",
        "--stop-signal", "USR1", "--min-time", "720", "-j4", "--import", "torch", url, "my exp",
    ]  # fmt: skip


def test_srun_takes_options_or_none(url):
    python = re.escape(shlex.quote(sys.executable))
    assert re.search(rf"^srun {python} -m .* &$", script(url, "--srun", ""), re.MULTILINE)
    bound = script(url, "--srun", "--cpu-bind=none")
    assert re.search(rf"^srun --cpu-bind=none {python} ", bound, re.MULTILINE)


@pytest.mark.postgresql
def test_a_password_is_not_printed(postgres_url, postgres_server):
    open_table(postgres_url).close()
    for engine in (["--slurm"], ["--local"]):
        code, text = run(launch, *engine, "--print", postgres_url, "exp")
        assert code == 0
        assert "s3cret" not in text
        assert "jobman:***@" in text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 5400), ("1:30", 90), ("1:00:00", 3600), ("2-12", 216000), ("1-1:1:1", 90061),
     ("10m", 600), ("12h", 43200), ("30s", 30), ("3D", 259200)],
)  # fmt: skip
def test_times_are_read_as_slurm_and_people_write_them(text, seconds):
    assert parse_duration(text) == seconds
    assert parse_duration(format_duration(seconds)) == seconds


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/me/local\\040disk xfs rw 0 0
ignored /lustre-not-really tmpfs rw 0 0
store@tcp:/fs /scratch lustre rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/var/jobs.db", None), ("/home/me/jobs.db", "nfs4"), ("/home/me/local disk/jobs.db", None),
     ("/lustre-not-really/x.db", None), ("/scratch/a/b/jobs.db", "lustre")],
)  # fmt: skip
def test_a_network_file_system_is_recognised(tmp_path, path, kind):
    (tmp_path / "mounts").write_text(MOUNTS)
    assert single_host.network_file_system(single_host.Path(path), tmp_path / "mounts") == kind


def test_sqlite_on_a_network_file_system_is_refused_for_several_hosts(url, monkeypatch):
    monkeypatch.setattr(single_host, "network_file_system", lambda path: "nfs4")
    message = said(launch, "--slurm", url, "exp", code=2)
    assert "is on a network file system (nfs4): SQLite serves one machine" in message
    assert f"jobman sqlcopy '{Address.parse(url)}' 'postgres://" in message
    assert "2 workers on this machine" in said(launch, "--local", "--print", "-n2", url, "exp")


def test_the_list_that_is_set_here_holds_for_workers_elsewhere(url, monkeypatch):
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*,mylab.*")
    printed = said(launch, "--slurm", "--print", url, "exp", "--allow", "mylab.*")
    assert "--allow 'pylearn2.*,mylab.*'" in printed
    # Whoever starts the workers may say otherwise: of an option given twice, the last one counts.
    assert printed.index("'pylearn2.*,mylab.*'") < printed.index("--allow 'mylab.*'")
