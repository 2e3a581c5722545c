"""Which question answers which field; thin, one file per feature."""
