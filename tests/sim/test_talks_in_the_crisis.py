"""The talks of the crisis: when there was anything to sign."""

from __future__ import annotations

from facts import only, played

# ideally 7 years and shares at 1 M$ and 7.5 at 0.1, of which the lasting part counts at most twice: under 20 M$
LITTLE_TO_SAVE = {f"issues.{name}.saves": "1" for name in ("wage_freeze", "pension", "health", "other_savings")} | {
    f"issues.{name}.saves": "-0.1" for name in ("job_security", "later_raises")
}
EAGER = {"leaders.optimism": "10"}  # they expect to carry anything home


def test_there_is_no_zone_of_agreement_where_no_deal_is_worth_more_to_the_governor_than_any_package():
    """Packages that save next to nothing, and broken talks that cost him nothing: leaders would sign, he never does."""
    settings = LITTLE_TO_SAVE | EAGER | {"governor.standing": "0", "governor.layoff_standing": "0"}
    for acts in played(settings):
        assert only(acts, "Opening")["floor"] > 20  # M$/yr
        assert not only(acts, "Deadline")["in_zone"]
        assert only(acts, "Outcome")["outcome"] == "no_zone_of_agreement"
