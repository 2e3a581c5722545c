"""Tests of the business alone: pure functions, no database."""
