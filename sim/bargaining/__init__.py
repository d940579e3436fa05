"""How two sides bargain: packages, the frontier, talks under a protocol, several tables."""
