"""Servers on loopback that answer as the documented APIs do."""
