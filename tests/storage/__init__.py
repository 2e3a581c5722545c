"""Tests of storage: what is kept, and the data that an installation and the demo start from."""
