"""The command `preship`: one file for each noun that it has commands about; `main.py` puts them together."""
