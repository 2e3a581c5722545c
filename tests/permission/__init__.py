"""That `docs/permissions.md` is true of the running product."""
