"""What leaves the house: notices by e-mail and SMS. `rounds.py` takes them from the outbox, the others send them."""
