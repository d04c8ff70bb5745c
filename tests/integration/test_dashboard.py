"""The web page, looked at with a real Chromium."""

import contextlib
import math
import platform
import re
import signal

import pytest
from browser import PageServer, axe, chromium
from playwright.sync_api import expect

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.files.workdir import WorkDirectory
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.status import Status

TEMPLATE = """!obj:pylearn2.train.Train {
    # %(note)s
    model: !obj:pylearn2.models.mlp.MLP { nvis: 64, dim: %(nhid)d },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD { learning_rate: %(lr)f }
}
"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1> %{x} $\\alpha$"
WAIT = 60_000  # milliseconds, for a machine that has other things to do
expect.set_options(timeout=WAIT)
TOKEN = "correct horse battery staple"


@pytest.fixture(scope="module")
def server():
    """The server of all these tests: what a browser has loaded from it, it keeps."""
    with PageServer().running() as server:
        yield server


@pytest.fixture(scope="module")
def window():
    """A browser's window, whose cache serves all tests."""
    with chromium() as browser:
        yield browser.new_context(viewport={"width": 1440, "height": 1000})


@pytest.fixture
def serve(server):
    """Serve the page of a table, of which `view` is a tab."""
    with contextlib.ExitStack() as stack:
        yield lambda table, **settings: stack.enter_context(server.show(table, **settings))


@pytest.fixture
def view(window, serve):
    """A tab; at the end, nothing must have gone wrong in it, or come from elsewhere."""
    page = window.new_page()
    page.set_default_timeout(WAIT)
    wrong = page.wrong = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on(
        "console",
        lambda noted: (
            wrong.append(f"{noted.type}: {noted.text}") if noted.type == "error" else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if re.match(r"http://127\.0\.0\.1:\d+/|data:|blob:", request.url)
            else wrong.append(f"elsewhere: {request.url}")
        ),
    )
    yield page
    page.evaluate("localStorage.clear()")
    page.close()
    window.clear_cookies()
    assert wrong == []


def states():
    grid = [(lr, nhid) for nhid in (50, 100, 200, 400) for lr in (0.001, 0.003, 0.01, 0.03, 0.1)]
    for number, (lr, nhid) in enumerate(grid, 1):
        note = EVIL if number == 3 else "plain"
        state = {
            "yaml_template": TEMPLATE,
            "hyper_parameters": {"lr": lr, "nhid": nhid, "note": note},
            "jobman": {"experiment": "lab.train"},
        }
        if number <= 16:
            state["results"] = {"valid_nll": final(lr, nhid), "test_error": final(lr, nhid) / 3}
        yield state


def final(lr, nhid):
    return 0.08 + 0.03 * math.log10(lr / 0.03) ** 2 + 1.2 / nhid


def write_records(directory, lr, nhid, epochs=30):
    lines = ["epoch,batch,example,seconds,train_objective,valid_y_nll"]
    for epoch in range(epochs + 1):
        value = final(lr, nhid) + 2.2 * math.exp(-epoch * (0.15 + 3 * lr))
        lines.append(f"{epoch},{epoch * 20},{epoch * 1000},{epoch * 0.5},{value * 0.9},{value}")
    (directory / "monitor.csv").write_text("\n".join(lines) + "\n")


@contextlib.contextmanager
def a_sweep(folder):
    """Make a table of 20 jobs, 15 done, one failed, four waiting, and their files."""
    with open_table(f"sqlite:///{folder}/sweep.db?table=mlp") as table:
        table.insert_many(states())
        for number in range(1, 17):
            claim = table.claim()
            claim.state.jobman.run_time = 12.5
            if number == 16:
                claim.state.jobman.error = "Traceback\nValueError: nan <b>at</b> epoch 3"
            status = Status.ERR_RUN if number == 16 else Status.DONE
            table.write_back(claim, claim.state, status=status)
            directory = folder / "exp" / table.database / table.name / str(claim.job_id)
            directory.mkdir(parents=True)
            printed = "".join(f"epoch {epoch}\n" for epoch in range(500))
            (directory / "stdout").write_text(f"{printed}the end\n")
            (directory / "stderr").write_text("<script>window.hacked=1</script>\n")
            parameters = claim.state.hyper_parameters
            write_records(directory, parameters.lr, parameters.nhid)
        yield table


@pytest.fixture
def sweep(tmp_path):
    """A sweep of the test's own."""
    with a_sweep(tmp_path) as table:
        yield table


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """A sweep that nobody changes, and its experiment root."""
    folder = tmp_path_factory.mktemp("sweep")
    with a_sweep(folder) as table:
        yield table, folder / "exp"


@pytest.fixture
def address(unchanged, serve):
    """The page of this sweep."""
    table, exproot = unchanged
    return serve(table, exproot=exproot)


def rows(view):
    return view.locator(".ag-center-cols-container .ag-row")


def cell(view, row, column):
    """The cell of a row by its place."""
    return view.locator(f'.ag-row[row-index="{row}"] [col-id="{column}"]')


def cell_of(view, job, column):
    return view.locator(f'.ag-row[row-id="{job}"] [col-id="{column}"]')


def visit(view, address, *, jobs):
    """Open the page of a table of so many jobs, and wait until it can be used.

    Before there are rows there is nothing to scroll, and AG Grid's component for Dash, once it is
    ready, forgets the filters that were typed before.
    """
    view.goto(address)
    expect_text(view.locator("#matching"), f"{jobs:,} jobs")
    expect(cell(view, 0, "jobman.id")).to_have_text(re.compile(r"\d+"))


def expect_text(locator, text):
    expect(locator).to_contain_text(text)


def expect_count(locator, count):
    expect(locator).to_have_count(count)


def filter_of(view, column):
    return view.locator(f'.ag-floating-filter[col-id="{column}"] input')


def select(view, *jobs):
    for job in jobs:
        view.locator(f'.ag-row[row-id="{job}"] .ag-checkbox-input').click()


@pytest.fixture
def shot(view, tmp_path_factory):
    """Keep a picture of the window, to be looked at: below pytest's temporary directory."""
    folder = tmp_path_factory.getbasetemp() / "dashboard"
    folder.mkdir(exist_ok=True)
    return lambda name: view.screenshot(path=folder / f"{name}.png")


def test_the_table_is_filtered_and_sorted_by_typing_and_clicking(view, address):
    visit(view, address, jobs=20)
    expect_text(view.locator("#counts"), "16 of 20 ended")
    expect_text(view.locator("#best"), "job 14")
    filter_of(view, "results.valid_nll").fill("< 0.11")
    low = [state for state in states() if state.get("results", {}).get("valid_nll", 1) < 0.11]
    expect_text(view.locator("#matching"), f"{len(low)} jobs match")
    # It opens with the best first.
    expect_text(cell(view, 0, "jobman.id"), "14")
    expect_text(cell(view, 0, "results.valid_nll"), "0.086")
    view.locator('.ag-header-cell[col-id="hyper_parameters.lr"] .ag-header-cell-label').click()
    expect_text(cell(view, 0, "hyper_parameters.lr"), "0.01")
    filter_of(view, "results.valid_nll").fill("")
    view.locator("#where").fill("hyper_parameters.nhid in (50, 100) and jobman.status = DONE")
    expect_text(view.locator("#matching"), "10 jobs match")
    view.locator("#where").fill("hyper_parameters.nhid in")
    expect_text(view.locator("#where-error"), "expected '('")
    view.locator("#where").fill("")
    expect_text(view.locator("#matching"), "20 jobs")
    view.locator(".chip", has_text="failed").click()
    expect_text(view.locator("#matching"), "1 job matches")
    expect_text(cell(view, 0, "jobman.status"), "ERR_RUN")
    view.locator(".chip", has_text="failed").click()
    expect_text(view.locator("#matching"), "20 jobs")


def test_the_curves_of_selected_jobs_are_laid_over_each_other(view, address, shot):
    visit(view, address, jobs=20)
    lines = view.locator("#curves-figure .scatterlayer .trace")
    expect_text(view.locator("#curves-of"), "The 5 best by valid_nll")
    expect_count(lines, 5)
    select(view, 1, 3, 14)
    expect_text(view.locator("#curves-of"), "3 selected jobs")
    expect_text(view.locator("#selected"), "3 selected")
    expect_count(lines, 3)
    expect_text(view.locator("#curves-figure .legend"), "14  lr=0.03 nhid=200")
    shot("overview")
    view.locator("#clear").click()
    expect_count(lines, 5)


def test_jobs_are_compared_in_a_scatter_plot_in_parallel_coordinates_and_in_groups(
    view, address, shot
):
    visit(view, address, jobs=20)
    view.locator(".compare .tab", has_text="Scatter").click()
    expect_count(view.locator("#scatter-figure .scatterlayer .trace").first.locator(".point"), 16)
    # What matters most: the learning rate.
    expect_text(view.locator("#scatter-figure .xtick").first, "0.001")
    view.locator(".compare .tab", has_text="Parallel").click()
    expect_count(view.locator("#parallel-figure .scatterlayer .trace"), 16)
    shot("parallel")
    view.locator(".compare .tab", has_text="Search").click()
    picture = view.locator("#search img")
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") > 100
    shot("search")
    view.locator(".compare .tab", has_text="Groups").click()
    expect_text(view.locator(".groups tbody tr").first, "0.03")
    select(view, 13, 14)
    view.locator(".compare .tab", has_text="Differences").click()
    expect_text(view.locator("#differences"), "hyper_parameters.lr")
    expect_text(view.locator("#differences thead"), "job 13")
    view.locator("#clear").click()
    view.locator(".compare .tab", has_text="Groups").click()
    view.locator(".groups button", has_text="0.003").click()
    expect_text(view.locator("#matching"), "4 jobs match")
    assert view.locator("#where").input_value() == "hyper_parameters.lr = 0.003"
    view.locator("#where").fill("")
    view.locator("#over").click()
    view.locator(".dash-dropdown-option", has_text="hyper_parameters.nhid").click()
    view.keyboard.press("Escape")
    expect_text(view.locator("#groups-of"), "of 20 jobs that differ in nothing but nhid")
    shot("groups")
    view.locator(".compare .tab", has_text="Learning curves").click()
    expect_text(view.locator("#curves-figure .legend"), "3 runs  lr=0.03")
    expect(view.locator("#curves-figure .scatterlayer .js-fill").first).to_be_attached()
    shot("bands")


def test_a_jobs_page_has_its_state_yaml_curves_output_and_files(view, address, shot):
    visit(view, address, jobs=20)
    select(view, 5)
    cell_of(view, 14, "hyper_parameters.nhid").click()
    sheet = view.locator("#sheet.open")
    expect_text(sheet, "Job 14")
    assert view.url == f"{address}job/14"
    expect_text(sheet.locator(".keys").first, "0.03")
    sheet.locator(".tab", has_text="YAML").click()
    expect_text(sheet.locator("#yaml .y-tag").nth(1), "!obj:pylearn2.models.mlp.MLP")
    expect_text(sheet.locator("#yaml .y-number").nth(1), "200")
    shot("job")
    sheet.locator(".tab", has_text="Curves").click()
    expect_count(sheet.locator("#job-figure .scatterlayer .trace"), 1)
    sheet.locator(".tab", has_text="Output").click()
    expect_text(sheet.locator("#stdout"), "the end")
    expect(sheet.locator("#stdout pre")).to_be_visible()
    sheet.locator(".tab", has_text="Files").click()
    link = sheet.locator("a", has_text="monitor.csv")
    with view.expect_download() as download:
        link.click()
    assert download.value.path().read_text().startswith("epoch,batch")
    view.keyboard.press("Escape")
    expect_count(view.locator("#sheet.open"), 0)
    assert view.url == address
    expect_text(view.locator("#selected"), "1 selected")


def test_a_failed_jobs_page_says_why_and_an_unknown_job_that_there_is_none(view, address):
    view.goto(f"{address}job/16")
    expect_text(view.locator("#sheet.open .error-text"), "ValueError: nan <b>at</b> epoch 3")
    view.goto(f"{address}job/99")
    expect_text(view.locator("#sheet.open"), "there is no job 99")


def test_what_states_hold_is_text_wherever_it_is_shown(view, address):
    visit(view, address, jobs=20)
    expect_text(cell_of(view, 3, "hyper_parameters.note"), EVIL)
    select(view, 3)
    expect_text(view.locator("#curves-of"), "1 selected job")
    filter_of(view, "hyper_parameters.note").fill("<script>")
    expect_text(view.locator("#matching"), "1 job matches")
    filter_of(view, "hyper_parameters.note").fill("")
    select(view, 4)
    expect_text(view.locator("#curves-figure .legend"), "<script>")
    view.locator(".compare .tab", has_text="Scatter").click()
    point = view.locator("#scatter-figure .scatterlayer .point").nth(1)  # after the better one
    point.hover(force=True)
    expect_text(view.locator("#scatter-figure .hoverlayer"), "<script>")
    view.locator(".compare .tab", has_text="Groups").click()
    view.locator("#group-by").click()
    view.locator(".dash-dropdown-option", has_text="hyper_parameters.note").click()
    expect_text(view.locator(".groups"), EVIL[:60])
    cell_of(view, 3, "jobman.id").click()
    sheet = view.locator("#sheet.open")
    expect_text(sheet.locator(".keys").first, EVIL)
    sheet.locator(".tab", has_text="YAML").click()
    expect_text(sheet.locator("#yaml"), EVIL)
    sheet.locator(".tab", has_text="Output").click()
    expect_text(sheet.locator("#stderr"), "<script>window.hacked=1</script>")
    assert view.evaluate("window.hacked") is None
    assert view.locator("img").count() == 0


def test_a_filter_that_is_not_understood_says_so_where_it_was_typed(view, address):
    visit(view, address, jobs=20)
    for filter, text, said in [
        (filter_of(view, "hyper_parameters.lr"), "< x", "hyper_parameters.lr: 'x' is not a number"),
        (filter_of(view, "jobman.status"), "nonsense", "part of no status: CANCELED, START"),
        (view.locator("#where"), "hyper_parameters.nhid in", "expected '('"),
    ]:
        filter.fill(text)
        expect_text(view.locator("#where-error"), said)
        expect(filter).to_have_attribute("aria-invalid", "true")
        expect_count(rows(view), 0)
        filter.fill("")
        expect(filter).to_have_attribute("aria-invalid", "false")
        expect_text(view.locator("#matching"), "20 jobs")


def test_the_first_rows_come_after_two_round_trips_and_the_rest_is_compressed_and_kept(
    view, sweep, serve
):
    # One for the page's parts, one for the rows; no other callback has been answered.
    address, held, sent = serve(sweep), [], []
    view.on("requestfinished", lambda request: sent.append(request))

    def only_rows(route):
        if "getRowsResponse" in (route.request.post_data or ""):
            route.continue_()
        else:
            held.append(route)

    view.route("**/_dash-update-component*", only_rows)
    view.goto(address)
    expect_text(cell(view, 0, "jobman.id"), "14")
    assert [request.url for request in sent if "plotly" in request.url] == []
    for route in held:
        route.continue_()
    view.unroute_all()
    expect_text(view.locator("#curves-of"), "The 5 best")
    expect_count(view.locator("#curves-figure .annotation"), 1)  # Plotly is there
    assert len(sent) < 50
    assert total_size(sent) < 2_700_000
    sent.clear()
    view.reload()
    expect_count(view.locator("#curves-figure .annotation"), 1)
    assert total_size(sent) < 150_000


def total_size(requests):
    """How many bytes came over the network."""
    return sum(request.sizes()["responseBodySize"] for request in requests)


def test_how_the_table_is_shown_is_remembered_and_shared_as_a_link(view, address):
    visit(view, address, jobs=20)
    filter_of(view, "hyper_parameters.nhid").fill("> 50")
    expect_text(view.locator("#matching"), "15 jobs match")
    view.locator('.ag-header-cell[col-id="hyper_parameters.lr"] .ag-header-cell-label').click()
    expect_text(cell(view, 0, "hyper_parameters.lr"), "0.001")
    view.locator("#divider").focus()
    before = view.locator("#grid").bounding_box()["height"]
    view.keyboard.press("ArrowDown")
    assert view.locator("#grid").bounding_box()["height"] == before + 36
    view.reload()
    expect_text(view.locator("#matching"), "15 jobs match")
    expect_text(cell(view, 0, "hyper_parameters.lr"), "0.001")
    assert view.locator("#grid").bounding_box()["height"] == before + 36
    view.locator("#where").fill("hyper_parameters.lr > 0.02")
    expect_text(view.locator("#matching"), "6 jobs match")
    view.locator("#link").click()
    expect(view).to_have_url(re.compile("#view="))
    link = view.url
    view.locator("#all").click()
    expect_text(view.locator("#matching"), "20 jobs")
    view.evaluate("localStorage.clear()")
    view.goto("about:blank")
    view.goto(link)
    expect_text(view.locator("#matching"), "6 jobs match")
    assert view.locator("#where").input_value() == "hyper_parameters.lr > 0.02"
    expect_text(cell(view, 0, "hyper_parameters.lr"), "0.03")
    assert view.url == address
    # Whatever a link says, the table is shown.
    for link in ("%7B", '{"columns":7,"sort":"x","best":1,"filters":"f"}', "[1]", "%ff"):
        view.goto("about:blank")
        view.goto(f"{address}#view={link}")
        expect(cell(view, 0, "jobman.id")).to_have_text(re.compile(r"\d+"))


def test_the_page_is_usable_by_keyboard_and_screen_reader(view, address):
    def violations():
        found = axe().run(view).response["violations"]
        return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]

    visit(view, address, jobs=20)
    tabs = view.get_by_role("tablist", name="Views of the jobs").get_by_role("tab")
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    assert violations() == []
    for number in range(1, tabs.count()):
        tabs.nth(number - 1).press("ArrowRight")
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
        expect(tabs.nth(number)).to_be_focused()
        assert violations() == []
    filter_of(view, "jobman.status").fill("nonsense")
    expect_text(view.locator("#where-error"), "part of no status")
    assert violations() == []
    filter_of(view, "jobman.status").fill("")
    expect(view.locator("#where-error")).to_be_empty()
    expect_text(view.locator("#matching"), "20 jobs")
    cell(view, 0, "hyper_parameters.lr").press("Enter")
    expect_text(view.locator("#sheet.open h2"), "Job 14")
    expect(view.locator("#close")).to_be_focused()
    view.keyboard.press("Escape")
    expect(cell(view, 0, "hyper_parameters.lr")).to_be_focused()
    view.goto(f"{address}job/16")
    expect_text(view.locator("#sheet.open h2"), "Job 16")
    for name in ("State", "YAML", "Curves", "Output", "Files"):
        view.get_by_role("tab", name=name, exact=True).click()
        expect(view.get_by_role("tab", name=name, exact=True)).to_have_attribute(
            "aria-selected", "true"
        )
        assert violations() == []
    view.emulate_media(color_scheme="dark")
    assert violations() == []


def test_the_chosen_columns_are_remembered(view, address):
    visit(view, address, jobs=20)
    header = view.locator('.ag-header-cell:not(.ag-floating-filter)[col-id="yaml_template"]')
    expect_count(header, 0)
    view.locator("#columns").click()
    view.locator(".dash-dropdown-option", has_text="yaml_template").click()
    expect_count(header, 1)
    expect_text(cell(view, 0, "yaml_template"), "!obj:pylearn2.train.Train")
    view.reload()
    expect_count(header, 1)


def test_a_running_jobs_numbers_change_while_one_looks(view, sweep, serve):
    address = serve(sweep)
    claim = sweep.claim()
    claim.state.jobman.progress = {"epoch": 1, "channels": {"valid_objective": 0.7}}
    sweep.write_back(claim, claim.state)
    view.goto(f"{address}job/{claim.job_id}")
    progress = view.locator("#progress")
    expect_text(progress, "epoch1")
    expect_text(view.locator("#counts"), "1 running")
    view.keyboard.press("Escape")
    view.locator("#sheet").wait_for(state="hidden")
    select(view, 14)
    view.locator(".ag-body-viewport").evaluate("it => it.scrollTop = 160")
    claim.state.jobman.progress = {"epoch": 2, "channels": {"valid_objective": 0.5}}
    sweep.write_back(claim, claim.state)
    expect_text(cell_of(view, claim.job_id, "jobman.progress.epoch"), "2")
    assert view.locator(".ag-body-viewport").evaluate("it => it.scrollTop") == 160
    expect_text(view.locator("#selected"), "1 selected")
    view.goto(f"{address}job/{claim.job_id}")
    expect_text(progress, "valid_objective0.5")
    claim.state.results = {"valid_nll": 0.01}
    sweep.write_back(claim, claim.state, status=Status.DONE)
    expect_text(view.locator("#sheet h2"), "DONE")
    expect_text(view.locator("#best"), f"0.01job {claim.job_id}")
    expect_text(view.locator("#ending"), "no worker is running")


def test_ten_thousand_jobs_scroll(view, serve, tmp_path, shot):
    with open_table(f"sqlite:///{tmp_path}/big.db?table=t") as table:
        table.insert_many({"hyper_parameters": {"n": n, "m": -n % 997}} for n in range(10_000))
        visit(view, serve(table), jobs=10_000)
        viewport = view.locator(".ag-body-viewport")
        viewport.evaluate("it => it.scrollTop = it.scrollHeight / 2")
        expect_text(cell(view, 5000, "hyper_parameters.n"), "5000")
        viewport.evaluate("it => it.scrollTop = it.scrollHeight")
        expect_text(cell(view, 9999, "hyper_parameters.n"), "9999")
        view.locator('.ag-header-cell[col-id="hyper_parameters.m"] .ag-header-cell-label').click()
        expect_text(cell(view, 0, "hyper_parameters.m"), "0")
        viewport.evaluate("it => it.scrollTop = it.scrollHeight")
        expect_text(cell(view, 9999, "hyper_parameters.m"), "996")
        filter_of(view, "hyper_parameters.n").fill("1000..1999")
        expect_text(view.locator("#matching"), "1,000 jobs match")
        # Only what is looked at is in the page.
        assert rows(view).count() < 100


def test_actions_ask_first_and_change_only_what_they_are_for(view, sweep, serve, tmp_path):
    address = serve(sweep, exproot=tmp_path / "exp", allow_actions=True)
    visit(view, address, jobs=20)
    asked = []

    def press(button, *, accept, where=".table-foot"):
        view.once(
            "dialog",
            lambda dialog: (
                asked.append(dialog.message),
                (dialog.accept if accept else dialog.dismiss)(),
            ),
        )
        view.locator(f"{where} button", has_text=button).click()

    expect(view.locator(".table-foot button", has_text="Retry 1")).to_be_visible()
    press("Cancel 4", accept=False)
    expect_text(view.locator("#counts"), "4 waiting")
    select(view, 18, 15)
    expect_text(view.locator("#selected"), "2 selected")
    expect(view.locator(".table-foot button", has_text="Retry")).to_be_hidden()
    press("Cancel 1", accept=True)
    expect_text(view.locator("#counts"), "1 cancelled")
    expect_text(view.locator("#report"), "Cancel: 1 job changed")
    view.goto(f"{address}job/16")
    expect_text(view.locator("#sheet h2"), "ERR_RUN")
    expect(view.locator("#sheet button", has_text="Retry")).to_be_visible()
    expect(view.locator("#sheet button", has_text="Cancel")).to_be_hidden()
    press("Retry", accept=True, where="#sheet")
    expect_text(view.locator("#sheet h2"), "START")
    view.locator("#sheet .priority input, #sheet input.priority").first.fill("7")
    press("Set priority", accept=True, where="#sheet")
    expect_text(view.locator("#report"), "Set priority: 1 job changed")
    expect_text(view.locator("#sheet .facts"), "7")
    assert [message.partition("?")[0] for message in asked] == [
        "Cancel: 4 of all 20 jobs, as none is selected",
        "Cancel: 1 of the 2 selected",
        "Retry: job 16",
        "Set priority to 7: job 16",
    ]
    statuses = {job.id: job.status for job in sweep.jobs()}
    assert statuses[16] is Status.START
    assert statuses[18] is Status.CANCELED
    assert statuses[15] is Status.DONE
    assert sweep.get(16).priority == 7
    view.locator("#tags").fill("best  paper")
    view.locator("#save-marks").click()
    expect_text(view.locator("#sheet .facts"), "best paper")
    assert sweep.get(16).state.jobman.tags == "best paper"
    view.goto(f"{address}job/99")
    expect_text(view.locator("#sheet.open"), "there is no job 99")
    expect(view.locator("#sheet button:visible")).to_have_count(0)


def test_a_token_opens_the_page(view, sweep, serve):
    view.goto(serve(sweep, token=TOKEN))
    view.locator("#token").fill(TOKEN)
    view.locator("button").click()
    expect_text(view.locator("#matching"), "20 jobs")
    assert TOKEN not in view.url
    assert len(view.wrong) == 1
    assert "401" in view.wrong.pop()  # the browser's own note that the page was closed to it


def test_the_command_serves_until_it_is_interrupted(lab):
    lab.insert("double", "x={{1,2}}")
    process = lab.start("dashboard", lab.url, "--port", "0")
    line = process.stdout.readline()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/ shows sqlite:///jobs.db\?table=t; .*\n", line)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT / 1000) == 0
    assert process.stdout.read() == ""


def test_the_curve_of_a_running_job_grows_while_one_looks(view, sweep, serve, tmp_path):
    workdir = tmp_path / "workdir"
    workdir.mkdir()
    claim = sweep.claim(
        info={"jobman.sql.host_name": platform.node(), "jobman.sql.host_workdir": str(workdir)}
    )
    WorkDirectory.use(workdir, f"{sweep.database}/{sweep.name}/{claim.job_id}").close()
    write_records(workdir, 0.03, 400, epochs=5)
    view.goto(f"{serve(sweep)}job/{claim.job_id}")
    view.locator("#sheet .tab", has_text="Curves").click()
    line = view.locator("#job-figure .scatterlayer .js-line")
    expect_count(line, 1)
    expect(line).to_have_attribute("d", re.compile("^[^L]*(L[^L]*){5}$"))
    write_records(workdir, 0.03, 400, epochs=7)
    expect(line).to_have_attribute("d", re.compile("^[^L]*(L[^L]*){7}$"))
    # What the table names as its directory is believed only if it says so itself.
    (workdir / ".job.no_sync").write_text("somebody/else/1")
    view.locator("#sheet .tab", has_text="Files").click()
    expect_text(view.locator("#job-body"), "on another machine")


@pytest.mark.postgresql
def test_a_job_on_another_machine_is_followed_by_its_heartbeats(view, sweep, serve):
    claim = sweep.claim(info={"jobman.sql.host_name": "another"})
    assert claim is not None

    def live(epoch):
        points = [(step, 1 / (step + 1)) for step in range(epoch + 1)]
        at = {"epoch": float(epoch)}
        return Live(
            at=at,
            curves={"valid_nll": points},
            output=f"epoch {epoch}",
            message="all is well",
            memory=2000,
        ).text()

    sweep.write_back(claim, claim.state, live=live(1))
    view.goto(f"{serve(sweep)}job/{claim.job_id}")
    expect_text(view.locator("#progress"), "memory2.0 kB")
    expect_text(view.locator("#progress"), "messageall is well")
    view.locator("#sheet .tab", has_text="Output").click()
    expect_text(view.locator("#output"), "epoch 1")
    sweep.heartbeat(claim, live(3))
    expect_text(view.locator("#output"), "epoch 3")
    expect_text(view.locator("#progress"), "valid_nll0.25")
    view.locator("#sheet .tab", has_text="Curves").click()
    expect_text(view.locator("#job-figure"), "epoch")


def test_a_database_that_is_away_is_told_and_found_again(view, serve, own_server):
    own_server.create_database("lab")
    with open_table(f"{own_server.url('lab')}?table=mlp") as table:
        table.insert_many(states())
        visit(view, serve(table), jobs=20)
        expect_text(view.locator("#counts"), "20 waiting")
        filter_of(view, "hyper_parameters.lr").fill("0.001..0.01")
        expect_text(view.locator("#matching"), "12 jobs match")
        own_server.stop()
        expect(view.locator("#live.off")).to_be_visible(timeout=WAIT)
        expect_text(cell(view, 0, "hyper_parameters.lr"), "0.01")  # the best stays
        own_server.start()
        expect(view.locator("#live.on")).to_be_visible(timeout=WAIT)
        table.insert({"hyper_parameters": {"lr": 0.002}})
        expect_text(view.locator("#matching"), "13 jobs match")
