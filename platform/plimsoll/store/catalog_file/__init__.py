"""The catalog file (`PLIMSOLL_CATALOG`): teams, services, environments, marks and shifts as one YAML document.

`reading` turns a file into entries or into all its mistakes, without a database; `applying` makes the store say what
the entries say, in one transaction; `watching` does both whenever the file changes.
"""
