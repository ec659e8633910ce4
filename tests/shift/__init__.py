"""A shift: a supervisor and two agents in real browsers, customers on three channels."""
