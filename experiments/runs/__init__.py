"""Studies and what runs them: designs, policies, tasks, engines, the results folder."""
