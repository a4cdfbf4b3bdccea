"""A rehearsal of the fail-over with the real servers: `edu2lms fallback drill`.

The way to lms is broken, not lms: the simulated application reaches it through a forwarder on this machine, which refuses, goes
silent and flaps. Nothing is written to either database; see `visitors`.

The drill exercises the runtime, so it lives with it, and the command line runs it as a program of its own
(`python -m database.drill`), as it does with dbt: the loader stays free of the runtime, an application can be deployed without
the loader, and what the drill leaves behind when it is killed (threads, a listening port) ends with that program. It speaks in
lines of JSON on standard output; see `__main__`.
"""
