"""Plots show what is there, on readable axes."""

import math

import numpy
import pandas
import pytest
from matplotlib.text import Text
from sweep import ACT, LR, NHID, NLL, check_readable, make_sweep

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman import plots
from pylearn2_jobman.jobman.plots.band import Band


@pytest.fixture(scope="module")
def sweep():
    return make_sweep()


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_the_hyper_parameters_are_those_that_differ(sweep):
    assert plots.hyper_parameters(sweep) == [
        ACT, "hyper_parameters.init", LR, NHID, "hyper_parameters.noise",
    ]  # fmt: skip


class TestResultAgainst:
    @pytest.mark.parametrize("parameter", [LR, NHID, ACT, "hyper_parameters.init"])
    def test_is_readable_for_every_kind_of_value(self, sweep, parameter):
        figure = plots.result_against(sweep, NLL, parameter)
        check_readable(figure)
        axes = figure.axes[0]
        assert axes.get_xlabel() == parameter.rpartition(".")[2]
        assert axes.get_ylabel() == "valid_nll"

    def test_has_a_logarithmic_axis_where_values_span_decades(self, sweep):
        assert plots.result_against(sweep, NLL, LR).axes[0].get_xscale() == "log"
        assert plots.result_against(sweep, NLL, NHID).axes[0].get_xscale() == "linear"

    def test_has_a_linear_axis_where_numbers_are_spread_evenly(self, sweep):
        noise = "hyper_parameters.noise"
        assert sweep[noise].max() > 10 * sweep[noise].min()
        assert plots.result_against(sweep, NLL, noise).axes[0].get_xscale() == "linear"

    def test_cuts_the_middle_of_long_names(self, sweep):
        files = [f"/data/of/the/whole/laboratory/set_{number % 4}.npy" for number in range(60)]
        figure = plots.result_against(sweep.assign(**{ACT: files}), NLL, ACT)
        check_readable(figure)
        assert "/data/of…ry/set_3.npy" in texts(figure)

    def test_shows_the_intervals_of_groups_and_says_what_is_not_in_their_means(self, sweep):
        groups = sweep[numpy.isfinite(sweep[NLL])][[LR, NLL]].head(9).rename_axis("jobman.group")
        low, high, nan = (f"{NLL}.{end}" for end in ("low", "high", "nan"))
        groups = groups.assign(**{low: groups[NLL] - 5, high: groups[NLL] + 5, nan: [0] * 8 + [2]})
        figure = plots.result_against(groups, NLL, LR)
        check_readable(figure)
        lowest, highest = figure.axes[0].get_ylim()
        assert lowest < groups[low].min() < groups[high].max() < highest
        assert "9 groups, 1 with runs whose NaN is not in the mean" in texts(figure)
        assert any("best: group" in text for text in texts(figure))

    def test_shows_the_medians_and_the_best(self, sweep):
        figure = plots.result_against(sweep, NLL, NHID)
        medians, best = figure.axes[0].get_lines()
        finite = sweep[numpy.isfinite(sweep[NLL])]
        assert medians.get_xdata().tolist() == [50, 100, 200]
        assert list(medians.get_ydata()) == finite.groupby(NHID)[NLL].median().tolist()
        assert best.get_ydata() == [finite[NLL].min()]
        assert f"best: job {finite[NLL].idxmin()}" in " ".join(texts(figure))
        _, worst = plots.result_against(sweep, NLL, NHID, highest=True).axes[0].get_lines()
        assert worst.get_ydata() == [finite[NLL].max()]

    def test_says_how_many_jobs_diverged(self, sweep):
        figure = plots.result_against(sweep, NLL, LR)
        assert "58 jobs, 2 without a finite valid_nll left out" in texts(figure)

    def test_of_one_job_is_drawn_too(self, sweep):
        check_readable(plots.result_against(sweep[:1], NLL, LR))

    def test_refuses_what_it_cannot_show(self, sweep):
        with pytest.raises(UsageError, match=r"'hyper_parameters\.l'; did you mean 'hyper_param"):
            plots.result_against(sweep, NLL, "hyper_parameters.l")
        with pytest.raises(UsageError, match="none of 2 jobs has a finite number"):
            plots.result_against(sweep.loc[[7, 8]], NLL, LR)
        names = sweep.assign(**{ACT: [f"file{number}" for number in range(60)]})
        with pytest.raises(UsageError, match="act has 58 different texts"):
            plots.result_against(names, NLL, ACT)


class TestHeatMap:
    @pytest.mark.parametrize(("x", "y"), [(LR, NHID), (NHID, ACT), (ACT, LR), (LR, LR)])
    def test_is_readable(self, sweep, x, y):
        if x == y:
            sweep = sweep.assign(**{"hyper_parameters.decay": sweep[LR][::-1].to_numpy()})
            y = "hyper_parameters.decay"
        check_readable(plots.heat_map(sweep, NLL, x, y))

    def test_shows_the_median_of_every_cell(self, sweep):
        figure = plots.heat_map(sweep, NLL, NHID, ACT)
        shown = numpy.asarray(figure.axes[0].get_images()[0].get_array())
        finite = sweep[numpy.isfinite(sweep[NLL])]
        wanted = finite.pivot_table(index=ACT, columns=NHID, values=NLL, aggfunc="median")
        assert numpy.allclose(shown, wanted.to_numpy())

    def test_frames_the_best_cell(self, sweep):
        (frame,) = plots.heat_map(sweep, NLL, NHID, ACT).axes[0].patches
        assert frame.get_y() == -0.5  # relu, the first row
        (frame,) = plots.heat_map(sweep, NLL, NHID, ACT, highest=True).axes[0].patches
        assert frame.get_y() == 0.5  # sigmoid

    def test_of_jobs_that_have_not_both_parameters(self, sweep):
        lacking = sweep.assign(**{NHID: numpy.nan})
        with pytest.raises(UsageError, match="no job has a number for both"):
            plots.heat_map(lacking, NLL, LR, NHID)


class TestParallelCoordinates:
    def test_has_an_axis_for_every_differing_parameter_and_the_result(self, sweep):
        figure = plots.parallel_coordinates(sweep, NLL)
        check_readable(figure)
        labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
        assert labels == ["act", "init", "lr", "nhid", "noise", "valid_nll"]

    def test_draws_a_line_for_every_job_and_the_best_last(self, sweep):
        (lines,) = plots.parallel_coordinates(sweep, NLL, [LR]).axes[0].collections
        heights = [segment[-1][1] for segment in lines.get_segments()]
        assert len(heights) == 58
        assert heights[-1] == min(heights)
        assert lines.get_linewidths()[-1] > lines.get_linewidths()[0]

    def test_of_jobs_that_do_not_differ(self, sweep):
        with pytest.raises(UsageError, match="no hyper-parameter differs"):
            plots.parallel_coordinates(sweep[:1], NLL)


class TestImportance:
    def test_finds_what_the_result_depends_on(self, sweep):
        table, score = plots.importances(sweep, NLL)
        assert list(table.index[:2]) == [LR, ACT]
        assert table["mean"].iloc[0] > 3 * table["mean"].iloc[2]
        assert score > 0.5

    def test_names_its_method_on_the_figure(self, sweep):
        figure = plots.importance(sweep, NLL, [LR, NHID])
        check_readable(figure)
        small_print = " ".join(texts(figure))
        assert "random forest" in small_print
        assert "permutation importance (scikit-learn); R² = " in small_print

    def test_says_when_nothing_can_be_told(self, sweep):
        figure = plots.importance(sweep, NLL, ["hyper_parameters.noise"])
        assert "too low to tell much" in " ".join(texts(figure))

    def test_needs_ten_jobs(self, sweep):
        with pytest.raises(UsageError, match="at least 10 jobs with a result; here are 4"):
            plots.importance(sweep[:4], NLL)


def records(speed, length=20):
    epochs = range(length)
    return {
        "epoch": list(epochs),
        "batch": [20 * epoch for epoch in epochs],
        "example": [1000 * epoch for epoch in epochs],
        "seconds": [0.5 * epoch for epoch in epochs],
        "train_objective": [2.3 * math.exp(-speed * epoch) + 0.01 for epoch in epochs],
        "valid_objective": [2.3 * math.exp(-speed * epoch) + 0.1 + epoch / 500 for epoch in epochs],
        "valid_y_misclass": [0.9 * math.exp(-speed * epoch) + 0.05 for epoch in epochs],
    }


class TestLearningCurves:
    def test_show_the_main_channels_of_every_job(self):
        jobs = {f"job {number}: lr={number / 10}": records(number / 10) for number in range(1, 11)}
        figure = plots.learning_curves(jobs)
        check_readable(figure)
        assert [axes.get_title("left") for axes in figure.axes] == [
            "valid_objective", "valid_y_misclass",
        ]  # fmt: skip
        looks = {
            (line.get_color(), str(line.get_linestyle()))
            for line in figure.axes[0].get_lines()
            if len(line.get_xdata()) > 1
        }
        assert len(looks) == 10
        assert set(jobs) <= set(texts(figure))

    def test_mark_the_best_record(self):
        curve, best = plots.learning_curves({"job 1": records(0.5)}).axes[0].get_lines()
        assert best.get_ydata() == [min(curve.get_ydata())]

    @pytest.mark.parametrize(
        ("over", "label"),
        [("epoch", "epoch"), ("batch", "batches"), ("seconds", "training time [s]")],
    )
    def test_go_over_epochs_batches_or_time(self, over, label):
        figure = plots.learning_curves({"job 1": records(0.5)}, ["train_objective"], x=over)
        assert figure.axes[0].get_xlabel() == label
        assert list(figure.axes[0].get_lines()[0].get_xdata()) == records(0.5)[over]
        assert figure.axes[0].get_yscale() == "log"

    def test_of_a_group_are_the_mean_in_a_band(self):
        runs = [records(0.5), records(0.9, length=3), records(0.7)]
        runs[2]["valid_objective"][1] = math.nan
        figure = plots.learning_curves({"lr=0.1": runs, "lr=0.2": [records(1)]})
        check_readable(figure)
        curve, *_ = figure.axes[0].get_lines()
        values = [one["valid_objective"] for one in runs]
        assert curve.get_ydata()[0] == pytest.approx(numpy.mean([one[0] for one in values]))
        assert curve.get_ydata()[1] == pytest.approx(numpy.mean([values[0][1], values[1][1]]))
        assert curve.get_ydata()[-1] == pytest.approx(numpy.mean([values[0][-1], values[2][-1]]))
        (band, _) = figure.axes[0].collections
        assert band.get_datalim(figure.axes[0].transData).height > 0
        assert {"lr=0.1: 3 runs, 1 with NaN", "lr=0.2: 1 run"} <= set(texts(figure))

    def test_of_a_group_over_the_time_are_interpolated(self):
        runs = [
            {"seconds": [0.0, 2.0], "cost": [1.0, 3.0]},
            {"seconds": [1.0, 4.0], "cost": [4, 1]},
        ]
        band = Band.of([(one["seconds"], one["cost"]) for one in runs], "seconds")
        assert (band.x[0], band.x[-1]) == (0.0, 4.0)
        assert (band.mean[0], band.mean[-1]) == (1.0, 1.0)
        middle = min(range(len(band.x)), key=lambda place: abs(band.x[place] - 1.5))
        assert band.mean[middle] == pytest.approx((2.5 + 3.5) / 2, abs=0.02)
        assert math.isnan(band.low[0])
        assert band.low[middle] <= band.mean[middle]

    def test_of_many_jobs_do_without_a_legend(self):
        figure = plots.learning_curves({f"job {n}": records(n / 40) for n in range(40)})
        check_readable(figure)
        assert "job 3" not in texts(figure)

    def test_of_jobs_that_have_just_begun(self):
        jobs = {"job 1": records(1, length=0), "job 2": {}, "job 3": records(1, length=1)}
        check_readable(plots.learning_curves(jobs))

    def test_of_nothing(self):
        with pytest.raises(UsageError, match="none of these jobs has a monitor record"):
            plots.learning_curves({"job 1": {}})
        with pytest.raises(UsageError, match="'valid_obj'; did you mean 'valid_objective'"):
            plots.learning_curves({"job 1": records(1)}, ["valid_obj"])


class TestSave:
    @pytest.fixture
    def figure(self):
        frame = pandas.DataFrame({"r": [1.0, 2.0], "<b>": ["<script>", "x & y"]})
        return plots.result_against(frame, "r", "<b>")

    def test_writes_what_the_ending_says(self, figure, tmp_path):
        for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
            plots.save(figure, tmp_path / f"plot.{ending}")
            assert (tmp_path / f"plot.{ending}").read_bytes().startswith(start)

    def test_writes_a_page_that_needs_nothing_else(self, figure, tmp_path):
        plots.save(figure, tmp_path / "plot.html", caption="where x < 3 <script>")
        page = (tmp_path / "plot.html").read_text(encoding="utf-8")
        assert "<svg" in page
        assert "<?xml" not in page
        assert "where x &lt; 3 &lt;script&gt;" in page
        assert "<script" not in page
        assert "src=" not in page

    def test_writes_the_same_file_again(self, figure, tmp_path):
        for name in ("a.svg", "b.svg"):
            plots.save(figure, tmp_path / name)
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()

    def test_refuses_another_ending(self, figure, tmp_path):
        with pytest.raises(UsageError, match=r"ends in \.png, \.svg, \.pdf, \.html"):
            plots.save(figure, tmp_path / "plot.bmp")


class TestProgress:
    def test_the_best_so_far_goes_by_the_order_of_the_ends(self, sweep):
        times = pandas.date_range("2026-05-01", periods=len(sweep), freq="min", tz="UTC")[::-1]
        frame = sweep.assign(**{"jobman.heartbeat": times})
        for highest in (False, True):
            figure = plots.best_so_far(frame, NLL, highest=highest)
            check_readable(figure)
            line, star = figure.axes[0].get_lines()
            finite = frame[numpy.isfinite(frame[NLL])][NLL].iloc[::-1]
            best = finite.cummax() if highest else finite.cummin()
            assert list(line.get_ydata()) == list(best)
            assert list(star.get_ydata()) == [best.iloc[-1]]

    def test_the_front_is_what_nothing_beats_in_both(self, sweep):
        figure = plots.pareto_front(sweep, NLL, NHID, highest=(False, True))
        check_readable(figure)
        (line,) = figure.axes[0].get_lines()
        finite = sweep[numpy.isfinite(sweep[NLL])]
        for nll, nhid in zip(*line.get_data(), strict=True):
            beaten = finite[(finite[NLL] <= nll) & (finite[NHID] >= nhid)]
            assert set(zip(beaten[NLL], beaten[NHID], strict=True)) == {(nll, nhid)}
