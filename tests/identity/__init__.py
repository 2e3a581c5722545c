"""Proofs of who is asking, without database or transport."""
