"""What the business is: records, parties, conditions and the tables of rules. Nothing here reads or writes anything."""
