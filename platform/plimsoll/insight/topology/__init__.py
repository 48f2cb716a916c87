"""The dependency graph of a window: one row an edge or a node, computed from its minutes.

`graph` asks the store; everything else is arithmetic over what it answered: which names are one node (`names`), which
edges were called and who counted them (`calls`), which counts repeat others (`repeats`), what is near (`near`), and
how it is shown (`rows`). `whole` is the same as a map shows it, one vertex a service and one arc a pair (`vertices`),
put together by `merging` and `remembered` while its rows are the same; `layout` says where on a map they go.
"""

from plimsoll.insight.topology.graph import edges as edges
from plimsoll.insight.topology.graph import nodes as nodes
from plimsoll.insight.topology.remembered import whole as whole
from plimsoll.insight.topology.rows import EdgeRow as EdgeRow
from plimsoll.insight.topology.rows import NodeRow as NodeRow
from plimsoll.insight.topology.vertices import Arc as Arc
from plimsoll.insight.topology.vertices import Scope as Scope
from plimsoll.insight.topology.vertices import Vertex as Vertex
from plimsoll.insight.topology.vertices import Whole as Whole
