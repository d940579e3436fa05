"""How much power to cut should a governor ask for, and what does the prospect do to his offers?

Base case: Connecticut 2011 as it ships, where he asks for ten per cent of any line with town aid in it, and the
chambers decide. Sweep: the share of a line he asks to cut on his own, with and without town aid. What he expects to be
granted is his alternative to a deal, so it moves what he accepts at the table; the vote follows from that.
Files: savings (of a tentative deal), no_deal_value, offers (one world, both powers), who_pays (where no deal came).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import draw_offers, draw_who_pays, mean_payments, offers_caption, who_pays_caption
from experiments.charts.chart_data import offers_table, told
from experiments.charts.measure import draw_measure, means_by, measure_caption
from experiments.paper.findings import compare_means, compare_shares, means_verdict, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

SHARE, AID = "governor.request_share", "governor.request_aid"
STANDING, ASKED = 0.05, 0.10  # the power that stands in law, and what he asked for on 28 June
SHARES = (STANDING, 0.075, ASKED, 0.15)
PAYERS = ("savings", "revenue", "layoffs", "programmes", "aid", "taxes", "deficit")

STUDY = Study(
    name="authority",
    question="How much power to cut should a governor ask for, and what does the prospect do to his offers?",
    scenario="connecticut-2011",
    worlds=1500,
    design=Grid(vary={SHARE: list(SHARES), AID: [True, False]}),
    measures=(
        *("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "reservation_savings", "deal_savings"),
        *("request_passed", "aid_spared", "authority_share", "posts_lost", *PAYERS),
    ),
)


def write(page: Page) -> None:
    """Five against ten per cent, and aid in against aid out, for his no-deal value, the deal and the vote."""
    little, asked = page.at({SHARE: STANDING, AID: False}), page.at({SHARE: ASKED, AID: True})
    without_aid = page.at({SHARE: ASKED, AID: False})
    subject = "Asking for ten per cent with town aid, in place of the five without it that stand in law,"
    page.says(
        finding=means_verdict(
            compare_means(little["reservation_savings"], asked["reservation_savings"], family=3),
            subject,
            "the least savings that a governor accepts",
            "M$ a year",
            digits=1,
        ),
        offers=means_verdict(
            compare_means(little["deal_savings"], asked["deal_savings"], family=3),
            "It",
            "the savings of a tentative deal",
            "M$ a year",
            digits=1,
        ),
        aid=means_verdict(
            compare_means(without_aid["deal_savings"], asked["deal_savings"], family=3),
            "Having town aid in the request, at ten per cent,",
            "the savings of a tentative deal",
            "M$ a year",
            digits=1,
        ),
        deals=shares_verdict(
            compare_shares(little["deal"], asked["deal"]),
            "The larger request",
            "the share of worlds with a deal at either vote",
        ),
        change=page.would_change(
            asked["reservation_savings"].to_numpy(float) - little["reservation_savings"].to_numpy(float),
            "what the larger request adds to the least he accepts",
            worlds=asked["world"],
            unit="M$ a year",
        ),
    )
    runs = page.runs.assign(request=page.runs[AID].map({True: "with town aid", False: "without town aid"}))
    for name, measure, label in (
        ("savings", "deal_savings", "savings of a tentative deal"),
        ("no_deal_value", "reservation_savings", "least savings he accepts"),
    ):
        means = means_by(runs, measure, SHARE, by="request")
        page.draw(
            name,
            lambda ax, means=means, label=label: draw_measure(
                ax, means, SHARE, by="request", label=label, unit="M$ a year"
            ).set_xlabel("power to cut asked for (share of a line)"),
            data=means,
            caption=measure_caption(means, SHARE, label=label, unit="M$ a year"),
        )
    _draw_offers(page, asked)
    _draw_who_pays(page, runs)


def _draw_offers(page: Page, asked: pd.DataFrame) -> None:
    """The same world under both powers; the first that ends in a deal after some rounds."""
    world = int(asked["world"][asked["tentative_deal"].astype(bool)].iloc[0])
    tables = {}
    for title, settings in (
        ("five per cent, no aid", {SHARE: STANDING, AID: False}),
        ("ten per cent with aid", {SHARE: ASKED, AID: True}),
    ):
        model = told(page.scenario.with_settings(settings), seed=page.study.seed, world=world)
        tables[title] = offers_table(model)
        model.release()

    def draw(axes):  # type: ignore[no-untyped-def]
        for ax, (title, table) in zip(axes, tables.items(), strict=True):
            draw_offers(ax, table, side="governor", legend=ax is axes[0])
            ax.set_xlabel(f"round ({title})")

    data = pd.concat([table.assign(request=title) for title, table in tables.items()])
    page.draw(
        "offers",
        draw,
        data=data,
        caption=f"World {world} under two requests. {offers_caption(tables['ten per cent with aid'])}",
        preset="double",
        columns=2,
        sharey=True,
    )


def _draw_who_pays(page: Page, runs: pd.DataFrame) -> None:
    """Who fills the gap where no deal came, by what was asked for."""
    failed = runs[~runs["deal"].astype(bool)]
    asked = [f"{100 * share:4.1f} % {words}" for share, words in zip(failed[SHARE], failed["request"], strict=True)]
    failed = failed.assign(power=asked)
    means = mean_payments(failed, by="power")
    page.draw(
        "who_pays",
        lambda ax: draw_who_pays(ax, failed, by="power"),
        data=means,
        caption=f"Worlds without a deal only. {who_pays_caption(means, by='asked')}",
        preset="double",
        height_mm=80,
    )


if __name__ == "__main__":
    main(STUDY, write)
