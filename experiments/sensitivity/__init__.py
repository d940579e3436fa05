"""What an outcome depends on: screening, shares of its variance, and where in parameter space it happens."""
