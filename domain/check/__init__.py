"""Supervision checks 监督检查: of documents and on site (manual 1.6). The table is `workflow.py`."""
