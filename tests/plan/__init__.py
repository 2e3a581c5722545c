"""Compiled plans answer what the ordinary executor answers."""
