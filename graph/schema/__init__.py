"""What the schema adds to the domain's records: relations, computed fields and roots, one file per feature."""
