"""Annual reports 年度报告: what each institution did in a year (manual 1.8). The table is `workflow.py`."""
