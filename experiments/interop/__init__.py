"""Other tools' doors into the same runs."""
