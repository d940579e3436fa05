"""What moves the public and what reaches it: beliefs, campaign, seniority, cuts, towns."""
