"""What became of queries and mutations, counted for `/metrics`: answered by a plan, or why not."""

from collections import Counter
from dataclasses import dataclass, field

from graph.plan.aside import Reason

HEAD = """\
# HELP preship_plan_operations_total Operations answered by a compiled plan, or left to the ordinary executor, and why.
# TYPE preship_plan_operations_total counter
"""


@dataclass
class Counts:
    """Since the process began."""

    answered: int = 0
    planned: int = 0
    """How many plans were made."""
    aside: Counter[Reason] = field(default_factory=Counter)

    def text(self) -> str:
        """In the exposition format of Prometheus."""
        lines = [f'preship_plan_operations_total{{by="plan"}} {self.answered}']
        lines += [
            f'preship_plan_operations_total{{by="executor",reason="{reason}"}} {self.aside[reason]}'
            for reason in Reason
        ]
        made = "# HELP preship_plans_made_total Plans made.\n# TYPE preship_plans_made_total counter\n"
        return HEAD + "\n".join(lines) + f"\n{made}preship_plans_made_total {self.planned}\n"
