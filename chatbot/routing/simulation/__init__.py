"""A team of agents that does not exist, to compare ways of routing on. No Django.

`world` makes the team, its shifts and its cases; `engine` plays a world under one of `policies`;
`measures` says how it went; `plots` draws it. docs/routing-model.md lists what is assumed.
"""
