"""The explorer: its bytes, its policy, and the page itself in a real browser."""
