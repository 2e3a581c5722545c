"""Filing changes 备案变更: customs approves, then what is on file changes (manual 1.3). The table is `workflow.py`."""
