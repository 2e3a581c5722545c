"""Who may call what, and who sees what: the table behind `docs/permissions.md`."""
