"""The tests: the house itself, storage on two engines, and every feature through the doors that its users have."""
