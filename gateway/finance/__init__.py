"""Finance at its desk: months posted, closed, invoiced, exported and compared with the carriers' own counts."""
