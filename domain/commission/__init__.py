"""Commissions 业务委托: an enterprise has its used machinery inspected before shipment (manual 1.4, 2.3). The table is in `workflow.py`."""
