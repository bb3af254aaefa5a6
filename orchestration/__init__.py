"""How a run goes: the runtime on the log, configuration, console, command line."""
