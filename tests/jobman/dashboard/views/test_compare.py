"""What the views below the table are asked by the browser, and answer."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.app import make_app
from pylearn2_jobman.jobman.dashboard.context import Settings
from pylearn2_jobman.jobman.status import Status


def browser(table, output, initial):
    """Ask for a view as the browser does: which properties changed, and values of some."""
    client = make_app(table, Settings()).server.test_client()
    (wanted,) = (
        callback
        for callback in client.get("/_dash-dependencies").json
        if output in callback["output"]
    )

    def with_value(dependency, values):
        key = f"{dependency['id']}.{dependency['property']}"
        return {**dependency, "value": values.get(key)}

    def draw(*changed, **values):
        values = initial | {key.replace("_", "."): value for key, value in values.items()}
        outputs = [output.split(".") for output in wanted["output"].strip(".").split("...")]
        request = {
            "output": wanted["output"],
            "outputs": [{"id": name, "property": what} for name, what in outputs],
            "inputs": [with_value(one, values) for one in wanted["inputs"]],
            "state": [with_value(one, values) for one in wanted["state"]],
            "changedPropIds": changed,
        }
        return client.post("/_dash-update-component", json=request).json["response"]

    return draw


@pytest.fixture
def draw_curves(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert_many({"n": number} for number in range(8))
        initial = {"view.value": "curves", "direction.value": "lowest", "along.value": "epoch"}
        yield browser(table, "curves-figure.figure", initial)


def test_curves_that_do_not_grow_are_not_drawn_again(draw_curves):
    answer = draw_curves("view.value")
    assert answer["curves-of"]["children"] == "The first 5 jobs. Select others in the table."
    assert draw_curves("beat.data", drawn_data=answer["drawn"]["data"]) == {}


def test_a_beat_that_overtakes_a_new_selection_draws_it(draw_curves):
    drawn = draw_curves("view.value")["drawn"]["data"]
    # The browser has forgotten the call for the selection when this one is answered.
    rows = [{"jobman.id": "2"}, {"jobman.id": "7"}]
    answer = draw_curves("beat.data", grid_selectedRows=rows, drawn_data=drawn)
    assert answer["curves-of"]["children"] == "2 selected jobs."


def test_a_search_is_drawn_as_on_the_command_line(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert_many(
            [
                {"hyper_parameters": {"x": n, "y": n % 3}, "results": {"nll": 1 / (1 + n)}}
                for n in range(12)
            ],
            status=Status.DONE,
        )
        initial = {
            "view.value": "search",
            "result.value": "results.nll",
            "direction.value": "lowest",
            "map-x.value": "hyper_parameters.x",
            "map-y.value": "hyper_parameters.y",
        }
        draw = browser(table, "search-of.children", initial)
        for figure in ("best so far", "importance", "map"):
            picture = draw("figure.value", figure_value=figure)["search"]["children"]["props"]
            assert picture["src"].startswith("data:image/svg+xml;base64,")
        missing = draw("figure.value", figure_value="map", **{"map-x_value": None})
        assert "Choose" in missing["search"]["children"]["props"]["children"]
