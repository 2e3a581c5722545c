"""Notices leave the house: by e-mail to a real mail server, by SMS to a gateway of a few lines."""
