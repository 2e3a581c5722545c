"""Commissions 业务委托: used machinery is inspected before shipment (manual 1.4, 2.3). The table is `workflow.py`."""
