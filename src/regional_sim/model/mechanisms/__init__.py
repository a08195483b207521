"""The mechanisms of the model, one file each: its equations, then the loops that apply them.

Equations are scalar functions.  Phases of the month (see :mod:`regional_sim.model.schedule`) and
their helpers apply them to all states and runs of a batch, the run being the last axis.  A helper
leaves what is needed at once in rows of ``World.scratch``.

What is marked ``noalias_loop`` gets the rows it writes, and rows or whole arrays it reads; what it
writes must overlap with nothing else that it is given.
"""
