"""What happened: the dated happenings of a crisis, as acts return them and everybody else reads them.

A happening is the same date in all worlds; ``where`` says in which of them it happened, and its amounts are arrays
with worlds last. Story, measures, page, charts, explanations and fits are functions of the list. A happening of a kind
of one's own needs no more than a subclass with its fields and `words`.
"""

from sim.record.happening import Happening, amount, labels
from sim.record.legislature import Approval, Grant, Lobbying, Requested, RollCall
from sim.record.money import Absorption, Filling
from sim.record.talks import Deadline, Extension, LastOffer, Offer, Opening, Pause, Settlements, TentativeDeal
from sim.record.threats import Reported, Threatened, Withdrawal
from sim.record.votes import Amendment, Ballots, CampaignWeek, Recommendation, Revision

__all__ = [
    "Absorption",
    "Amendment",
    "Approval",
    "Ballots",
    "CampaignWeek",
    "Deadline",
    "Extension",
    "Filling",
    "Grant",
    "Happening",
    "LastOffer",
    "Lobbying",
    "Offer",
    "Opening",
    "Pause",
    "Recommendation",
    "Reported",
    "Requested",
    "Revision",
    "RollCall",
    "Settlements",
    "TentativeDeal",
    "Threatened",
    "Withdrawal",
    "amount",
    "labels",
]
