"""Filings 备案: how an inspection institution comes into the registry (manual 1.3). The table is `workflow.py`."""
