"""Why a world ended as it did, and what single change would have turned it."""
