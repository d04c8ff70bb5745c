"""``import jobman`` and ``import pylearn2`` work, in this process and in old scripts."""

import os
import subprocess
import sys
import textwrap
import venv
from pathlib import Path

import pytest
from click.testing import CliRunner

import pylearn2_jobman
from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.naming import aliases

REPOSITORY = Path(pylearn2_jobman.__file__).parents[1]


def python(code, *, cwd, path=(), arguments=("-c",)):
    """Run Python in a process of its own and return what it printed, stdout and stderr."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*path, REPOSITORY]))}
    done = subprocess.run(
        [sys.executable, *arguments, textwrap.dedent(code)],
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


class TestImports:
    def test_the_aliases_are_the_same_modules(self):
        import jobman.state
        import pylearn2.config.yaml_parse

        from pylearn2_jobman.jobman import state
        from pylearn2_jobman.pylearn2.config import yaml_parse

        assert jobman.state is state
        assert pylearn2.config.yaml_parse is yaml_parse
        assert state.__spec__.name == "pylearn2_jobman.jobman.state"

    def test_what_scripts_of_the_time_import(self):
        from jobman import api0, sql
        from jobman.tools import DD, expand, flatten
        from pylearn2.scripts.jobman import experiment

        assert experiment.train_experiment is pylearn2_jobman.train_experiment
        assert (DD, expand, flatten) == (
            pylearn2_jobman.DD,
            pylearn2_jobman.expand,
            pylearn2_jobman.flatten,
        )
        assert callable(sql.insert_job)
        assert callable(api0.open_db)

    def test_a_module_that_is_not_there_is_an_import_error_of_its_name(self):
        with pytest.raises(ModuleNotFoundError) as caught:
            import pylearn2.no_such_module  # noqa: F401
        assert caught.value.name == "pylearn2.no_such_module"

    def test_installing_twice_changes_nothing(self):
        before = list(sys.meta_path)
        aliases.install()
        assert sys.meta_path == before

    def test_importing_the_package_imports_nothing_heavy(self, tmp_path):
        code = """
            import sys, pylearn2_jobman
            heavy = {"torch", "numpy", "pandas", "sqlalchemy", "psycopg", "dask", "yaml", "click"}
            print(sorted(heavy & set(sys.modules)))
        """
        assert python(code, cwd=tmp_path) == (0, "[]\n")


class TestForeignPackages:
    def test_the_jobman_of_the_package_index_is_warned_of_and_not_used(self, tmp_path):
        foreign = tmp_path / "site" / "jobman"
        foreign.mkdir(parents=True)
        (foreign / "__init__.py").write_text("print('the other program')")
        code = """
            import pylearn2_jobman
            from jobman.tools import DD
            from jobman import sql
            import jobman
            print(DD.__module__)
        """
        status, output = python(code, cwd=tmp_path, path=[tmp_path / "site"])
        assert status == 0
        assert output.count("another package named 'jobman' is installed") == 1
        assert output.endswith("pylearn2_jobman.jobman.state\n")
        assert "the other program" not in output

    def test_a_directory_of_that_name_is_no_package(self, tmp_path):
        (tmp_path / "jobman").mkdir()
        (tmp_path / "pylearn2").mkdir()
        code = "import pylearn2_jobman, jobman.state, pylearn2.config; print('fine')"
        assert python(code, cwd=tmp_path) == (0, "fine\n")

    def make_pylearn2(self, directory, yaml_parse):
        config = directory / "pylearn2" / "config"
        config.mkdir(parents=True)
        (config.parent / "__init__.py").write_text("")
        (config / "__init__.py").write_text("")
        (config / "yaml_parse.py").write_text(yaml_parse)
        (config.parent / "train.py").write_text("class Train:\n    real = True\n")

    def test_a_real_pylearn2_that_can_be_imported_wins(self, tmp_path):
        self.make_pylearn2(tmp_path, "")
        code = """
            import pylearn2_jobman
            from pylearn2_jobman.naming import names
            print(names.resolve("pylearn2.train.Train").real)
            try:
                import pylearn2.monitor
            except ModuleNotFoundError as error:
                print(error)
            from pylearn2_jobman.pylearn2.config import yaml_parse
            print(type(yaml_parse.load("!obj:pylearn2.train.Train {}")).real)
        """
        status, output = python(code, cwd=tmp_path)
        assert (status, output) == (0, "True\nNo module named 'pylearn2.monitor'\nTrue\n")

    def test_it_is_loaded_once_and_keeps_its_submodules(self, tmp_path):
        self.make_pylearn2(tmp_path, "")
        (tmp_path / "pylearn2" / "__init__.py").write_text("print('loaded', 7 / 2)")
        code = """
            import pylearn2_jobman
            import pylearn2.config.yaml_parse
            print(pylearn2.config.yaml_parse.__name__, pylearn2.__spec__.name)
        """
        assert python(code, cwd=tmp_path) == (
            0,
            "loaded 3\npylearn2.config.yaml_parse pylearn2\n",  # and Python 2's division
        )

    def test_it_gets_our_jobman_and_jobs_are_run_by_our_code(self, tmp_path):
        self.make_pylearn2(tmp_path, "from jobman.tools import DD")
        for package in ("jobman", "pylearn2/scripts", "pylearn2/scripts/jobman"):
            (tmp_path / package).mkdir()
            (tmp_path / package / "__init__.py").write_text("")
        (tmp_path / "jobman" / "tools.py").write_text("print 'Python 2'")
        code = """
            import pylearn2_jobman
            from pylearn2.config.yaml_parse import DD
            from pylearn2.scripts.jobman import experiment
            from pylearn2.train import Train
            print(DD.__module__, experiment.__name__, Train.real)
        """
        status, output = python(code, cwd=tmp_path)
        assert status == 0
        assert output.count("another package named 'jobman'") == 1
        assert output.endswith("pylearn2_jobman.jobman.state pylearn2_jobman.experiment True\n")

    def test_the_owner_of_the_worker_chooses(self, tmp_path, monkeypatch):
        self.make_pylearn2(tmp_path, "")
        code = "import pylearn2_jobman, pylearn2.train as t; print(hasattr(t.Train, 'real'))"
        for choice, answer in (("torch", "False\n"), ("theano", "True\n"), ("", "True\n")):
            monkeypatch.setenv("PYLEARN2_BACKEND", choice)
            assert python(code, cwd=tmp_path) == (0, answer)
        monkeypatch.setenv("PYLEARN2_BACKEND", "theono")
        status, output = python(code, cwd=tmp_path)
        assert status == 1
        assert "it takes theano or torch; did you mean 'theano'?" in output

    def test_one_that_is_wanted_is_not_replaced(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYLEARN2_BACKEND", "theano")
        code = "import pylearn2_jobman, pylearn2"
        status, output = python(code, cwd=tmp_path)
        assert status == 1
        assert "no checkout of the real pylearn2 is in PYTHONPATH" in output
        assert "git clone" in output
        self.make_pylearn2(tmp_path, "import theano_of_2016")
        status, output = python(code, cwd=tmp_path)
        assert status == 1
        assert "No module named 'theano_of_2016'\nPYLEARN2_BACKEND is theano" in output

    def test_one_that_cannot_be_imported_is_warned_of_and_not_used(self, tmp_path):
        self.make_pylearn2(tmp_path, "import theano_of_2016")
        code = "import pylearn2_jobman, pylearn2.config as c; print(c.__name__)"
        status, output = python(code, cwd=tmp_path)
        assert status == 0
        assert "cannot be imported (ModuleNotFoundError: No module named 'theano_of" in output
        assert output.endswith("pylearn2_jobman.pylearn2.config\n")


class TestScripts:
    def script(self, tmp_path, text):
        path = tmp_path / "old.py"
        path.write_text(textwrap.dedent(text))
        return path

    def run(self, path, *arguments):
        return python(
            arguments[-1] if arguments else "",
            cwd=path.parent.parent,
            arguments=("-m", "pylearn2_jobman", str(path), *arguments[:-1]),
        )

    def test_an_old_script_runs_as_python_would_run_it(self, tmp_path):
        (tmp_path / "helper.py").write_text("VALUE = 7")
        path = self.script(
            tmp_path,
            """
            import sys
            from jobman.tools import DD
            from helper import VALUE
            if __name__ == "__main__":
                print(sys.argv[1:], DD(a=VALUE).a)
            """,
        )
        assert self.run(path, "x", "--y") == (0, "['x', '--y'] 7\n")

    def test_its_traceback_begins_in_the_script(self, tmp_path):
        path = self.script(tmp_path, "def f():\n    raise ValueError('mine')\nf()\n")
        status, output = self.run(path)
        assert status == 1
        assert output.splitlines()[1].strip().startswith(f'File "{path}", line 3')
        assert output.endswith("ValueError: mine\n")

    def test_python_2_is_pointed_out(self, tmp_path):
        status, output = self.run(self.script(tmp_path, "print 'hello'\n"))
        assert status == 1
        assert "a Python 2 script? `jobman convert" in output

    def test_a_script_that_is_not_there(self, tmp_path):
        status, output = self.run(tmp_path / "nosuch.py")
        assert status == 2
        assert "there is no file" in output


def test_one_line_makes_the_aliases_permanent_and_goes_again(tmp_path):
    """In an environment of its own, so that this one stays as it is."""
    venv.create(tmp_path / "env", with_pip=False, system_site_packages=True)
    interpreter = tmp_path / "env" / "bin" / "python"

    def run(code):
        return subprocess.run(
            [interpreter, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            text=True,
            capture_output=True,
            check=False,
        )

    assert "No module named 'jobman'" in run("import jobman").stderr
    said = run(
        "from pylearn2_jobman.naming.aliases import install_pth; print(install_pth())"
    ).stdout
    assert "jobman aliases --remove" in said
    assert run("import jobman.state; print(jobman.state.DD())").stdout == "DD{}\n"
    remove = "from pylearn2_jobman.naming.aliases import remove_pth; print(remove_pth())"
    assert "removed" in run(remove).stdout
    assert "No module named 'jobman'" in run("import jobman").stderr
    assert "nothing to remove" in run(remove).stdout


class TestTheCommand:
    @pytest.fixture
    def sites(self, tmp_path, monkeypatch):
        """Two directories for an environment's .pth files, instead of those of this one."""
        sites = [tmp_path / "all", tmp_path / "user"]
        monkeypatch.setattr(aliases, "_site_directories", lambda: sites)
        return sites

    def said(self, *options):
        return CliRunner().invoke(jobman, ["aliases", *options], catch_exceptions=False).output

    def test_it_installs_and_removes_the_line(self, sites):
        assert f"to {sites[0] / aliases._PTH_NAME}\n" in self.said("--install")
        assert [path.name for path in sites[0].iterdir()] == [aliases._PTH_NAME]
        assert self.said("--remove") == f"removed {sites[0] / aliases._PTH_NAME}\n"
        assert "nothing to remove" in self.said("--remove")
        assert "give --install or --remove" in self.said()

    def test_a_user_who_may_not_write_for_all_writes_for_oneself(self, sites):
        sites[0].write_text("in the way")
        assert f"to {sites[1] / aliases._PTH_NAME}\n" in self.said("--install")
        assert self.said("--remove") == f"removed {sites[1] / aliases._PTH_NAME}\n"

    def test_one_who_may_write_nowhere_is_told_what_to_do(self, sites):
        for site in sites:
            site.write_text("in the way")
        with pytest.raises(PermissionError, match=r"all, .*user can be written to: use a"):
            aliases.install_pth()


def test_an_old_name_that_leads_nowhere_is_a_missing_attribute():
    import pylearn2.costs.cost as old

    with pytest.raises(AttributeError, match=r"gone from pylearn2: use .*mlp\.Default"):
        old.CrossEntropy
    with pytest.raises(AttributeError, match="has no attribute 'CrossEntropi'"):
        old.CrossEntropi
    assert not hasattr(old, "_private")
