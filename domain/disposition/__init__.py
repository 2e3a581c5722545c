"""Dispositions 处置: how customs disciplines an institution (manual 1.7). The table is `workflow.py`."""
