"""From scheduling to results on the command line, as a user does it."""

import os
import re
import subprocess
import sys

import pytest

from pylearn2_jobman.jobman.files import workdir
from pylearn2_jobman.jobman.parameters.conf import read_conf

ADD = "jobman.examples.def_addition.addition_example"


def test_a_grid_is_scheduled_run_and_looked_at(lab):
    printed = lab.jobman("sqlschedules", lab.url, ADD, "first={{1,2}}", "second={{3,4}}")
    assert printed.startswith("ADDING   job 1: first=1 second=3\n")
    assert printed.endswith("Added 4 on 4 jobs\n")
    printed = lab.worker("-n0", "-j2")
    assert re.search(r"^\S+ job 3 DONE after .* s  first=2 second=3$", printed, re.MULTILINE)
    assert printed.endswith("No more jobs to run (ran 4 jobs: 4 DONE)\n")
    assert lab.jobman("sqlstatus", "--all", "--print=result", lab.url).splitlines() == [
        f"Job id {i}, status=2 jobman.sql.priority=1.0 result={result}"
        for i, result in enumerate([4, 5, 5, 6], 1)
    ]
    assert lab.jobman("sqlview", "-q", lab.url, "v") == ""
    assert lab.leftovers() == []


@pytest.mark.postgresql
def test_the_same_on_postgresql(postgres_lab):
    lab = postgres_lab
    lab.jobman("sqlschedules", "-q", lab.url, "lab.double", "x={{1,2,3,4}}")
    lab.insert("fail", "x=1")
    printed = lab.worker("-n0", "-j2", code=1)
    assert printed.endswith("No more jobs to run (ran 5 jobs: 4 DONE, 1 ERR_RUN)\n")
    assert [lab.job(i).state.results.y for i in (1, 2, 3, 4)] == [2, 4, 6, 8]
    assert lab.job(2).state.results.text == "it's # \n 'quoted' é"
    assert lab.files(1).parent.parent.name == lab.table().database
    lab.jobman("sqlview", lab.url, "v")
    assert "5 ERR_RUN" not in lab.jobman("check", lab.url, code=1)
    assert lab.leftovers() == []


def test_the_files_of_a_job_reach_the_experiment_root(lab):
    lab.insert("double", "x=4")
    lab.worker()
    files = {path.name for path in lab.files(1).iterdir()}
    assert files == {"stdout", "stderr", "orig.conf", "current.conf", "note.txt"}
    assert "doubling 4" in (lab.files(1) / "stdout").read_text()
    assert read_conf(lab.files(1) / "current.conf")["results.text"] == "it's # \n 'quoted' é"
    assert "results.y" not in read_conf(lab.files(1) / "orig.conf")
    assert lab.job(1).state.results == {"y": 8, "text": "it's # \n 'quoted' é"}
    assert lab.files(1) == lab.path / "exp" / "jobs.db" / "t" / "1"


def test_n_jobs_are_run_and_no_more(lab):
    lab.insert("double", "x={{1,2,3}}")
    assert lab.worker("-n", "2").endswith("Finished (ran 2 jobs: 2 DONE)\n")
    assert lab.statuses() == {1: "DONE", 2: "DONE", 3: "START"}


def test_an_empty_table_has_no_jobs_to_run(lab):
    lab.table().close()
    assert lab.worker("-n0") == "No more jobs to run (ran 0 jobs)\n"


def test_the_other_jobs_go_on_when_one_fails(lab):
    lab.insert("fail", "x=1")
    lab.jobman("sqlschedule", "--no-check", lab.url, "nomod.fn")
    lab.insert("double", "x=1")
    printed = lab.worker("-n0", code=1)
    assert lab.statuses() == {1: "ERR_RUN", 2: "ERR_START", 3: "DONE"}
    assert "ValueError: deliberate failure" in printed
    error = lab.job(1).state.jobman.error
    assert error.startswith('Traceback (most recent call last):\n  File "')
    assert "pylearn2_jobman" not in error
    assert error in (lab.files(1) / "stderr").read_text()
    assert lab.job(1).state.reached == 1
    assert "no module 'nomod'" in lab.job(2).state.jobman.error


def test_children_find_local_modules_and_the_old_names_and_have_one_thread(lab):
    lab.insert("show", "x={{1,2}}")
    lab.worker("-n0", "-j2", "--gpus", "3,5")
    shown = [lab.job(i).state.results for i in (1, 2)]
    assert shown[0].cwd != shown[1].cwd
    assert shown[0].cwd.startswith(str(lab.workdirs))
    assert shown[0].threads == "1"
    assert {s.gpus for s in shown} <= {"3", "5"}


def test_the_threads_are_those_of_the_environment_or_of_the_option(lab):
    lab.insert("show", "x={{1,2,3}}")
    lab.environment["OMP_NUM_THREADS"] = "7"
    lab.worker()
    lab.environment["MKL_NUM_THREADS"] = "5"
    lab.worker("--threads", "3")
    lab.worker("--threads", "all")
    cores = str(len(os.sched_getaffinity(0)))
    shown = [lab.job(i).state.results for i in (1, 2, 3)]
    assert [(s.threads, s.mkl_threads) for s in shown] == [("7", None), ("3", "3"), (cores, cores)]
    used = [lab.job(i).state.jobman.provenance.threads for i in (1, 2, 3)]
    assert used == [7, 3, int(cores)]


def test_in_process_runs_the_experiment_in_the_worker_itself(lab):
    lab.insert("show")
    process = lab.start_worker("--in-process")
    process.communicate(timeout=30)
    assert lab.job(1).state.results.pid == process.pid


def test_a_fixed_working_directory_is_emptied_after_each_job(lab):
    lab.insert("show", "x={{1,2}}")
    lab.worker("-n0", "-w", "fixed")
    assert lab.job(2).state.results.cwd == str(lab.path / "fixed")
    assert not (lab.path / "fixed").exists()


def test_a_fixed_working_directory_with_files_in_it_is_refused(lab):
    lab.insert("double", "x=1")
    (lab.path / "fixed").mkdir()
    (lab.path / "fixed" / "thesis.tex").touch()
    assert "is not empty" in lab.worker("-w", "fixed", code=2)
    assert (lab.path / "fixed" / "thesis.tex").exists()


def test_only_selected_jobs_are_run(lab):
    lab.insert("double", "x={{1,2,3}}")
    lab.worker("-n0", "--select", "x=2")
    assert lab.statuses() == {1: "START", 2: "DONE", 3: "START"}


def test_random_draws_are_made_once_for_every_job(lab):
    lab.write("draw.conf", "x := @numpy.random.uniform(0, 1)\n")
    lab.jobman("sqlschedules", lab.url, "lab.double", "draw.conf", "group={{a,b}}", "-r", "2")
    with lab.table() as table:
        assert len({job.state.x for job in table.jobs()}) == 4


def test_repeating_needs_no_force_and_stops_at_what_was_there(lab):
    arguments = ("sqlschedules", "-q", "-r2", lab.url, "lab.double")
    assert lab.jobman(*arguments, "x={{5,6}}") == "Added 4 on 4 jobs\n"
    printed = lab.jobman(*arguments, "x={{5,7}}")
    assert printed == "Added 2 on 4 jobs; 2 were there already (--force adds them)\n"


def test_a_duplicate_is_skipped_unless_forced(lab):
    arguments = ("sqlschedule", lab.url, "lab.double", "x=1")
    assert lab.jobman(*arguments) == "ADDING   job 1: x=1\n"
    assert lab.jobman(*arguments).startswith("SKIPPING x=1: an equal job is in the table")
    assert lab.jobman(*arguments, "-f") == "ADDING   job 2: x=1\n"


@pytest.mark.parametrize("command", ["sqlschedule", "sqlschedules"])
@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        ("nomod.fn", "no module 'nomod'"),
        ("lab.duoble", "has no 'duoble'; did you mean 'double'?"),
        ("lab.time.time.x", "has no 'x'"),
        ("lab", "named as module.function"),
        ("lab.__doc__", "is not a function"),
    ],
)
def test_a_misspelt_experiment_is_not_scheduled(lab, command, experiment, message):
    printed = lab.jobman(command, lab.url, experiment, "a=1", code=2)
    assert message in printed
    assert "Traceback" not in printed
    assert not (lab.path / "jobs.db").exists()


def test_a_module_that_cannot_be_imported_shows_the_users_own_frames(lab):
    lab.write("broken.py", "import nosuchmodule\n")
    printed = lab.jobman("sqlschedule", lab.url, "broken.f", code=2)
    assert printed.count("File ") == 1
    assert 'broken.py", line 1' in printed


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("sqlschedule", "{url}", "lab.double", "first"), 2, "there is no file 'first'"),
        (("sqlschedule", "{url}", "lab.double", "no.conf"), 2, "there is no file 'no.conf'"),
        (("sqlschedule", "sqlite:///x.db", "lab.double"), 2, "table"),
        (("sqlschedule", "mysql://x/y?table=t", "lab.double"), 2, "mysql"),
        (("sql", "-n", "x", "{url}", "exp"), 2, "'x' is not a valid integer"),
        (("sql", "--threads=0", "{url}", "exp"), 2, "from 1 on, or all: not '0'"),
        (("sql", "--threads=2", "--in-process", "{url}", "exp"), 2, "not with --in-process"),
        (("sql", "{url}"), 2, "Missing argument 'EXPROOT'"),
        (("sql", "--import=nomod", "{url}", "exp"), 2, "there is no module 'nomod'"),
        (("sql", "{url}", "lab.py/exp"), 2, "cannot be made"),
        (("sql", "{url}u", "exp"), 2, "'t'"),
        (("sql", "--in-process", "-j2", "{url}", "exp"), 2, "one job at a time"),
        (("sql", "-w", "here", "-j2", "{url}", "exp"), 2, "--workdir-dir"),
        (("cmdline", "-p", "fancy", "lab.double"), 2, "there are filemerge, raw"),
        (("cmdline", "-g", "fancy", "lab.double"), 2, "there are date, numbered"),
        (("sqlview", "sqlite:///none.db?table=t", "v"), 2, "none.db"),
        (("sqlstatus", "{url}", "abc"), 2, "a job's id is a number, not 'abc'"),
        (("sqlstatus", "--status=FOO", "{url}"), 2, "no status 'FOO'"),
        (("sqlstatus", "--set_status=START", "--ret_nb_jobs", "{url}", "1"), 2, "exclude"),
        (("sqlstatus", "--select=y=1", "{url}"), 2, "no job has the key 'y'"),
        (("sqlstaus", "{url}"), 2, "did you mean 'sqlstatus'?"),
        (
            ("sql", "--retry-for=0", "postgres://u:topsecret@127.0.0.1:1/db?table=t", "exp"),
            3,
            "127.0.0.1",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_a_short_error(lab, arguments, code, message):
    lab.insert("double", "x=1")
    printed = lab.jobman(*(a.format(url=lab.url) for a in arguments), code=code)
    assert message in printed
    assert "Traceback" not in printed
    assert "topsecret" not in printed
    assert len(printed.splitlines()) < 12


def test_the_status_of_jobs_is_changed(lab):
    lab.insert("fail", "x={{1,2,3}}")
    lab.worker("-n", "2", code=1)
    printed = lab.jobman("sqlstatus", "--status=ERR_RUN", "--set_status=START", lab.url)
    assert printed.endswith("Changed the status to 0 for 2 jobs\n")
    assert set(lab.statuses().values()) == {"START"}
    assert lab.jobman("sqlstatus", "--status=0", "--ret_nb_jobs", lab.url) == "3\n"
    assert lab.jobman("sqlstatus", "-q", "--select=x=2", "--set_status=-1", lab.url) == (
        "Changed the status to -1 for 1 jobs\n"
    )
    assert "1 CANCELED" in lab.jobman("sqlstatus", lab.url)


def test_an_experiment_finds_its_files_and_says_how_it_ended(lab):
    with (lab.path / "lab.py").open("a") as file:
        file.write(
            "\n\ndef tell(state, channel):\n"
            "    state.found = [channel.remote_path, state['jobman.id'], channel.path]\n"
            "    assert channel.path == os.getcwd()\n"
            "    return getattr(channel, state.ends, state.ends)\n"
        )
    lab.insert("tell", "ends={{DONE,ERR_RUN,CANCELED,x}}")
    lab.worker("-n0", code=1)
    assert lab.statuses() == {1: "DONE", 2: "ERR_RUN", 3: "CANCELED", 4: "ERR_RUN"}
    assert lab.job(3).state.found[:2] == [str(lab.files(3)), 3]
    assert "returned 'x': it has to" in lab.job(4).state.jobman.error


def test_jobs_are_selected_by_functions_and_comparisons(lab):
    lab.insert("double", "x={{1,5,9}}")
    ids = re.compile(r"^Job id (\d+)", re.MULTILINE)
    printed = lab.jobman("sqlstatus", "--fselect=x=lambda v: v > 4", lab.url)
    assert ids.findall(printed) == ["2", "3"]
    assert ids.findall(lab.jobman("sqlstatus", "--where", "x < 9", lab.url)) == ["1", "2"]
    printed = lab.jobman("sqlstatus", lab.url, "1", "999")
    assert printed.splitlines()[1] == "Job id 999 don't exit in the db"


def test_check_reports_what_failed(lab):
    lab.insert("fail", "x=1")
    lab.insert("double", "x=1")
    lab.worker("-n0", code=1)
    printed = lab.jobman("check", lab.url, code=1)
    assert printed.startswith("I: number of job by status (0:START, 0:RUNNING, 1:DONE,")
    assert "had an error while running [1]\n  job 1  ValueError: deliberate failure" in printed


def test_cmdline_runs_an_experiment_here_and_now(lab):
    arguments = ("cmdline", "-w", "w1", ADD, "first=1", "second=2")
    assert lab.jobman(*arguments) == (
        f"The working directory is: {lab.path / 'w1'}\nstate.first = 1\nstate.second = 2\n"
        "result = 3\nThe experiment returned value is None\n"
    )
    assert read_conf(lab.path / "w1" / "current.conf")["result"] == 3
    assert "result = 3" in lab.jobman(*arguments)


def test_cmdline_goes_on_with_the_state_in_its_directory(lab):
    lab.jobman("cmdline", "-w", "w", "lab.fail", "x=1", code=1)
    lab.jobman("cmdline", "-w", "w", "lab.double")
    assert read_conf(lab.path / "w" / "current.conf")["results.y"] == 2


def test_cmdline_dry_runs_leave_nothing(lab):
    lab.jobman("cmdline", "-n", ADD, "first=1", "second=2")
    assert lab.leftovers() == []
    assert "only one of --workdir, --dry-run" in lab.jobman(
        "cmdline", "-w", "w", "-n", ADD, "first=1", code=2
    )


def test_cmdline_does_not_run_two_in_one_directory(lab):
    (lab.path / "w").mkdir()
    arguments = ("cmdline", "-w", "w", ADD, "first=1", "second=2")
    held = workdir.lock(lab.path / "w")
    try:
        assert "a job runs in" in lab.jobman(*arguments, code=2)
        lab.jobman(*arguments, "--force")
    finally:
        os.close(held)


def test_four_cmdlines_at_once_have_four_directories(lab):
    arguments = ("cmdline", ADD, "first=1", "second=2")
    processes = [lab.start(*arguments) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert len(list(lab.path.glob("jobman_*/current.conf"))) == 4


@pytest.mark.parametrize(
    ("generator", "pattern"),
    [("date", r"run_\d{8}_\d{6}_\d{8}"), ("numbered", "run3"), ("lab.name_it", "mine")],
)
def test_cmdline_names_its_directories(lab, generator, pattern):
    for name in ("run2", "runs", "xrun7"):
        (lab.path / name).mkdir()
    with (lab.path / "lab.py").open("a") as file:
        file.write("\n\ndef name_it(state):\n    return 'mine'\n")
    for _ in range(2):
        lab.jobman("cmdline", "-g", generator, "lab.double", "x=1", "workdir_prefix=run")
    made = {path.parent.name for path in lab.path.glob("*/current.conf")}
    assert any(re.fullmatch(pattern, name) for name in made)
    assert len(made) == (1 if generator == "lab.name_it" else 2)


def test_cmdline_redirects_into_its_directory(lab):
    printed = lab.jobman("cmdline", "-r", "-w", "w", ADD, "first=1", "second=2")
    assert printed == f"The working directory is: {lab.path / 'w'}\n"
    assert "result = 3" in (lab.path / "w" / "stdout").read_text()


@pytest.mark.parametrize("topic", ["parameters", "example", "environment", "sql", "help"])
def test_help_explains_topics_and_commands(lab, topic):
    assert len(lab.jobman("help", topic)) > 100


def test_every_command_has_help(lab):
    overview = lab.jobman("help")
    for command in re.findall(r"^  (\w+)  ", overview.partition("Commands:")[2], re.MULTILINE):
        assert len(lab.jobman("help", command)) > 100


def test_help_on_nothing_known_is_an_error(lab):
    assert "did you mean 'parameters'?" in lab.jobman("help", "parameter", code=2)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['jobman', '--help']\n"
        "import pylearn2_jobman.jobman.cli as cli\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'numpy', 'sqlalchemy', 'torch', 'yaml', 'rich', 'sqlite3', 'psycopg'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_an_old_script_inserts_jobs(lab):
    lab.write(
        "script.py",
        """
        import pylearn2_jobman
        from jobman.tools import DD, expand, flatten, resolve
        from jobman import api0, parse, sql

        import lab

        db = api0.open_db("sqlite:///jobs.db?table=t")
        state = DD(x=3, deep=DD(lr=0.1))
        job = sql.insert_job(lab.double, flatten(state), db)
        print(job.id, job["deep.lr"], job["jobman.experiment"], job[sql.STATUS] == sql.START)
        print(sql.insert_job(lab.double, flatten(state), db))
        print(sql.insert_job(lab.double, state, db, force_dup=True, priority=3.0).id)
        print(parse.filemerge("a=1"), resolve("math.pi") > 3, expand({"a.b": 1}).a.b)
        db.createView("v", verbose=False)
        """,
    )
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=lab.path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1 0.1 lab.double True\nNone\n2\n{'a': 1} True 1\n"
    lab.worker("-n0")
    assert lab.job(2).state.results.y == 6


def test_a_function_that_no_worker_could_import_is_refused(lab):
    from pylearn2_jobman.errors import UsageError
    from pylearn2_jobman.jobman.sql import insert_job

    with lab.table() as table, pytest.raises(UsageError, match="a function with a name"):
        insert_job(lambda state, channel: None, {}, table)


def test_names_that_are_not_allowed_are_refused(lab):
    lab.insert("double", "x=1")
    lab.worker("--allow", "pylearn2.*,otherlab.*", code=1)
    assert lab.statuses() == {1: "ERR_START"}
    assert "'lab.double' is not allowed here" in lab.job(1).state.jobman.error
