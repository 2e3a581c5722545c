"""Accounts 账号: the people who act for an organisation. The table is `workflow.py`."""
