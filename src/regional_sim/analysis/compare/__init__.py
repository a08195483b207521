"""Two tables of runs beside each other: aligned, compared, and written down.

`comparison` puts the parts together: `selection` and `source` say which rows, `keys` and
`alignment` which belong together, `outcomes` which columns; `resampling` adds intervals to the
statistics of `regional_sim.experiment.statistics`; `tolerance` compares run by run, `configs` plan
by plan; `columns` and `writing` are for files.
"""
