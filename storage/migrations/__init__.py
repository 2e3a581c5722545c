"""The way from one state of the tables to the next, for both engines. There is no way back: a backup is."""
