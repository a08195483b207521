"""The mechanisms of the model, one file each: pure scalar functions of values and draws.

Nothing here knows of arrays, agents, files or tables.  :mod:`regional_sim.model` calls these
functions over blocks of runs; both drivers share them.
"""
