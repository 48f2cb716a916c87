"""Where things go on a map: five columns, an order in each, and heights; standard library alone, and deterministic.

The steps are those of a layered drawing: columns by the longest way from the entrance (`columns`), cycles broken by a
depth-first pass; order by sweeps of medians (`ordering`); heights by isotonic placement (`placing`). What is known from
before keeps its column and its neighbours, so that a map does not jump.
"""

from plimsoll.insight.topology.layout.arranging import Arrangement as Arrangement
from plimsoll.insight.topology.layout.arranging import arranged as arranged
from plimsoll.insight.topology.layout.columns import COLUMNS as COLUMNS
from plimsoll.insight.topology.layout.columns import column_of as column_of
from plimsoll.insight.topology.layout.placing import placed as placed
