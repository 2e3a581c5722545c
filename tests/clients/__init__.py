"""Clients that are not ours, each of which takes one walk through a server of its own making."""
