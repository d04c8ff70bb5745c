"""``jobman help``: a command's help, or one of the topics."""

__all__ = ["help"]

import click

from pylearn2_jobman.errors import suggest

_TOPICS = {
    "parameters": (
        "How parameters are written.",
        """\
Commands that take PARAMETERS accept, in any order, a later one overriding an earlier:

  key=value               the value if it is a Python literal: 0.1, 1e-4, 'text', [1, 2],
                          {'a': 1}, True, None, inf; otherwise the text itself
  key:=expression         what the expression gives: 2**10, 50000 // %batch_size,
                          @numpy.random.uniform(0, 1), @__builtin__.open('mlp.yaml').read()
                          (@ imports, % is another key that was given before)
  key::module.name        the same as key.__builder__='module.name'
  key ~ distribution      a value drawn anew for every job, see `jobman help sweeps`
  file.conf               the parameters in a file, one a line; # starts a comment
  prefix <- file.conf     the same, every key prefixed: `lr = 1` becomes prefix.lr

Dots in a key nest: hyper_parameters.lr=0.1 is state.hyper_parameters.lr.

In a shell, put quotes around anything with spaces, brackets, *, $, ~ or <.
""",
    ),
    "sweeps": (
        "How parameters stand for many jobs.",
        """\
sqlschedules makes a job of every combination of what parameters stand for, in its arguments and in
.conf files; the last place varies fastest:

  key={{0.1,0.01}}        two jobs; a comma inside brackets or quotes does not separate
  key={{1..10}}           a range, both ends included; {{0..1..0.25}} has a step
  k <- {{a,b}}.conf       anywhere in a parameter
  a={{1,2}}@1 b={{3,4}}@1 these go together: two jobs, not four
  key ~ loguniform(1e-4, 1)
                          a value drawn anew for each of --draws N; --seed S draws the same again.
                          Also uniform(loc, scale), uniform(low=a, high=b), randint(low, high)
                          without high itself, normal(loc, scale), choice(a, b, c)
  seed={{1..5}}           repetitions: five jobs that differ in their seed
  [wide]                  in a file, a block: jobs of its own, each with the lines above the first
                          block, and with its lines up to the next

--dry-run shows the jobs and adds none. Put quotes around {{...}} and ~, which shells read, too.
""",
    ),
    "experiment": (
        "How an experiment is written.",
        """\
An experiment is a function in a module that Python can import from where you work:

  def my_experiment(state, channel):
      ...
      return channel.COMPLETE

Commands name it as a string, 'my_module.my_experiment'.

state holds the parameters, nested: after a.x=6, state.a.x and state['a']['x'] are 6. What the
experiment changes in it is stored at the end, and whenever it calls channel.save(): numbers, text,
booleans, None, and lists, tuples, sets and dictionaries of these. Arrays and models belong into
files.

The working directory is one made for the job; what is written there is kept.

channel.switch() (or channel()) says what to do now; ask it now and then:
  'stop'       save what is needed to go on later, return channel.INCOMPLETE
  'finish-up'  there is little time left: come to an end, or do as for 'stop'
  'save'       a good moment for channel.save()
  None         go on
channel.save_and_switch() does both. channel.path is the working directory, channel.remote_path
where the job's files are kept.

Return channel.COMPLETE (None) when all is done, channel.INCOMPLETE (True) to be called again later
with the state and the files as they are, or a status: channel.ERR_RUN, channel.CANCELED. Any other
value, like an exception, makes the job ERR_RUN.
""",
    ),
    "example": (
        "From an experiment to the results, in five commands.",
        """\
An experiment is a function of a state and a channel, in a module that can be imported from where
you work. This one comes with the package:

  def addition_example(state, channel):
      state.result = state.first + state.second
      return channel.COMPLETE

Try it, without a database:

  jobman cmdline jobman.examples.def_addition.addition_example first=1 second=2

Put four jobs into a table, run them two at once, look at them:

  jobman sqlschedules 'sqlite:///jobs.db?table=add' \\
      jobman.examples.def_addition.addition_example 'first={{1,2}}' 'second={{3,4}}'
  jobman sql -n0 -j2 'sqlite:///jobs.db?table=add' experiments
  jobman sqlstatus --all --print=result 'sqlite:///jobs.db?table=add'
  jobman sqlview 'sqlite:///jobs.db?table=add' add_view

The files of job 1 are in experiments/jobs.db/add/1: stdout, stderr, orig.conf (its state at the
start), current.conf (its state at the end), and what the experiment wrote there.

For an MLP from a YAML template, schedule pylearn2_jobman.experiment.train_experiment with
yaml_template, hyper_parameters.* and extract_results.
""",
    ),
    "queries": (
        "How conditions and queries are written.",
        """\
  results.valid_nll < 0.1                 = != < <= > >=, a missing key matches neither way
  hyper_parameters.nhid in (50, 100)      one of these; not in: none of these
  jobman.error like '%memory%'            text: % is any characters, _ one, in any case
  results.valid_nll is null               the job lacks the key; is not null: has it
  a < 1 and (b = 2 or not c = tanh)       values are Python literals or plain words
  jobman.claimed > '2026-05-01 12:00'     also jobman.created, jobman.heartbeat (UTC)
  jobman.status = DONE                    also jobman.id, jobman.sql.priority

Conditions are what --where takes. A query for `jobman query` has more, each part optional:

  select hyper_parameters.*, results.valid_nll
  where results.valid_nll < 0.1
  order by results.valid_nll desc, jobman.id
  limit 10 offset 20
""",
    ),
    "environment": (
        "The environment variables that are read.",
        """\
  JOBMAN_ALLOW            which names jobs may use: 'pylearn2.*,mylab.*'; unset: all
  JOBMAN_ALLOW_VARIABLES  with a list, what ${VAR} gives to jobs: 'PYLEARN2_*' (the default)
  JOBMAN_DASHBOARD_TOKEN  what browsers have to know to see the page of `jobman dashboard`
  JOBMAN_DB               the address of the job table, where DB is left out
  JOBMAN_DEBUG            set to 1: an unexpected error shows its whole traceback
  JOBMAN_EXPROOT          where the files of jobs are kept, where EXPROOT is left out
  PYLEARN2_DATA_PATH      where data sets are, for ${PYLEARN2_DATA_PATH} in YAML files
  PYLEARN2_DEVICE         where models are trained: cpu (the default), cuda
  PYLEARN2_FLOATX         the type of parameters and data: float32 (the default), float64
  OMP_NUM_THREADS, MKL_NUM_THREADS, OPENBLAS_NUM_THREADS
                          threads of each job, unless --threads says; unset: one
  TMPDIR                  where working directories are made, unless --workdir-dir says
  PYTHONPATH              where experiments are found, besides the present directory
  PGPASSWORD, ~/.pgpass   a PostgreSQL password that does not stand in the address
""",
    ),
}


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def help(context: click.Context, topic: str | None) -> None:
    """Explain a command or a topic, such as parameters, sweeps and queries."""
    parent = context.parent
    if parent is None or not isinstance(parent.command, click.Group):
        raise click.UsageError("help belongs to the jobman command")
    if topic is None:
        click.echo(parent.get_help())
        click.echo("\nTopics (jobman help TOPIC):")
        for name, (summary, _) in sorted(_TOPICS.items()):
            click.echo(f"  {name:12}  {summary}")
        return
    if topic in _TOPICS:
        click.echo(_TOPICS[topic][1], nl=False)
        return
    commands = parent.command.list_commands(parent)
    command = parent.command.get_command(parent, topic) if topic in commands else None
    if command is None:
        choices = [*_TOPICS, *commands]
        raise click.UsageError(
            f"there is no help on {topic!r}{suggest(topic, choices)} "
            f"(topics: {', '.join(sorted(_TOPICS))}; commands: {', '.join(commands)})"
        )
    child = click.Context(command, info_name=topic, parent=parent)
    click.echo(command.get_help(child))
