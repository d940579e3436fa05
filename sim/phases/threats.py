"""Threats and news: what moves beliefs, and with them both sides at the table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.coalition import reservation_value
from sim.bargaining.package import Frontier
from sim.phases.table import Table
from sim.public.beliefs import exposure, re_aimed


class Threats(Table):
    """The governor's acts, each with its price, and what nobody at the table does."""

    def threaten(self, name: str) -> None:
        """The governor acts to be believed; members weigh it, and so do both sides at the table."""
        threat, members = self.value.threats[name], self.case.units.members
        acts = self._where(threat.when)
        listed = self.case.units.list_share[threat.list]
        if threat.aim_at:
            aim = threat.aim if threat.aim is not None else 0.0
            self.aims[threat.list] = (self.case.units.names.index(threat.aim_at), aim)
        aimed = re_aimed(listed, members, *self.aims.get(threat.list, (None, 0.0)))
        if self.value.governor.threatens == "when it pays" and not self.talks_over:
            acts = acts & self.threat_pays(threat, aimed)
        self.listed = aimed
        self.beliefs.threaten(exposure(aimed, members), threat.believed, acts)
        self.threat_cost = self.threat_cost + np.where(acts, threat.cost, 0.0)
        self.threats_out.append((threat, acts))
        self.beliefs_moved()
        self.tell("threat", threat=threat, acts=acts)
        self._back_to_the_table()

    def threat_pays(self, threat: Any, aimed: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Is a threat worth its price? He expects half of what it adds to the savings that leaders could carry home."""
        listed, before = self.listed, self.ratifiable_savings()
        self.listed = aimed
        self.beliefs.threaten(exposure(aimed, self.case.units.members), threat.believed, True)
        self.beliefs_moved()
        gain = 0.5 * (self.ratifiable_savings() - before)
        self.beliefs.take_back()
        self.listed = listed
        self.beliefs_moved()
        return gain > threat.cost + threat.withdrawal

    def ratifiable_savings(self) -> NDArray[np.float64]:
        """The largest savings that the leaders now expect to carry home, M$/yr, (worlds,)."""
        both = Frontier(self.member_weights, self.governor.weights, self.low, self.high)
        least = reservation_value(both.offer, self.forecast_carries, len(self.worlds))
        return np.where(least > 1, 0.0, self.terms_of(both.offer(least)).savings)

    def hear_news(self, name: str) -> None:
        """Something nobody at the table does: it moves beliefs and, where it is money, the gap."""
        news = self.value.news[name]
        happens = self._where(news.when)
        self.beliefs.hear(news.believed, happens)
        self.beliefs_moved()
        if news.revenue is not None:
            self.revenue = self.revenue + np.where(happens, news.revenue * news.usable, 0.0)
            self.weigh_alternatives()
        self.tell("news", news=news, happens=happens)
        self._back_to_the_table()
