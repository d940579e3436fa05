"""How much power to cut should a governor ask for, and what does the prospect do to his offers?

Base case: Connecticut 2011 as it ships, where he asks for ten per cent of any line with town aid in it, and the
chambers decide. Sweep: the share of a line he asks to cut on his own, with and without town aid. What he expects to be
granted is his alternative to a deal, so it moves what he accepts at the table; the vote follows from that.
Files: savings (of a tentative deal), no_deal_value, offers (one world, both powers), who_pays (where no deal came).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import draw_who_pays, mean_payments, who_pays_caption
from experiments.paper.comparisons import Comparison, Modifier, together
from experiments.paper.figures import Means, draw_offers_of
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

SHARE, AID = "governor.request_share", "governor.request_aid"
STANDING, ASKED = 0.05, 0.10  # the power that stands in law, and what he asked for on 28 June
SHARES = (STANDING, 0.075, ASKED, 0.15)
PAYERS = ("savings", "revenue", "layoffs", "programmes", "aid", "taxes", "deficit")
LITTLE, MUCH = {SHARE: STANDING, AID: False}, {SHARE: ASKED, AID: True}
WITHOUT_AID = {SHARE: ASKED, AID: False}

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


def _offers(page: Page) -> None:
    """The same world under both powers: the first that has a tentative deal under the larger."""
    asked = page.at(MUCH)
    world = int(asked["world"][asked["tentative_deal"].astype(bool)].iloc[0])
    draw_offers_of(page, world, {"five per cent, no aid": LITTLE, "ten per cent with aid": MUCH})


def _who_pays(page: Page) -> None:
    """Who fills the gap where no deal came, by what was asked for."""
    failed = page.runs[~page.runs["deal"].astype(bool)]
    means = mean_payments(failed, by="power")
    caption = f"Worlds without a deal only. {who_pays_caption(means, by='the power to cut that is asked for')}"
    page.chart("who_pays", draw_who_pays, failed, caption, data=means, wide=True, height_mm=80, by="power")


def _request(runs: pd.DataFrame) -> pd.Series:
    return runs[AID].map({True: "with town aid", False: "without town aid"})


ASKING = "Asking for ten per cent with town aid, in place of the five without it that stand in law,"
HAVING_AID = "Having town aid in the request, at ten per cent,"
PAPER = Paper(
    says=together(
        finding=Comparison(ASKING, LITTLE, MUCH, "reservation_savings", "the least he accepts", digits=1),
        offers=Comparison("It", LITTLE, MUCH, "deal_savings", "savings of a tentative deal", digits=1),
        aid=Comparison(
            HAVING_AID, WITHOUT_AID, MUCH, "deal_savings", "savings: aid asked for against aid left out", digits=1
        ),
    )
    | {
        "deals": Comparison("The larger request", LITTLE, MUCH, "deal"),
        "change": Modifier("what the larger request adds to the least he accepts", LITTLE, MUCH, "reservation_savings"),
    },
    axes={SHARE: "power to cut asked for (share of a line)"},
    columns={
        "request": _request,
        "power": lambda runs: [
            f"{100 * share:4.1f} % {words}" for share, words in zip(runs[SHARE], _request(runs), strict=True)
        ],
    },
    draws=(
        Means(name="savings", x=SHARE, by="request", measure="deal_savings"),
        Means(name="no_deal_value", x=SHARE, by="request", measure="reservation_savings"),
        _offers,
        _who_pays,
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
