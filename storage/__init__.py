"""Where records rest: tables, questions, the register, and the one door through which anything is written."""
