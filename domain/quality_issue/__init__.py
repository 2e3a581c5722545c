"""Quality issues 质量反馈: what customs finds wrong, and what is replied (manual 1.5). The table is `workflow.py`."""
