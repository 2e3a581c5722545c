"""How operations and answers travel, tried on a toy schema so that nothing of the business stands in the way."""
