"""How a vote is counted: the rule, its conditions, exact shares, power, and the ballots themselves."""
