"""Tests of what proves who somebody is."""
