"""The rules of the business, decided without database or transport."""
