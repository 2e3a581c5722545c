"""Proofs of who is asking: what a person knows, holds or sees is compared here, off the event loop and without SQL."""
