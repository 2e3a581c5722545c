"""Tests of the frame that the features stand in: rooms, style, dependencies and the databases that tests run on."""
