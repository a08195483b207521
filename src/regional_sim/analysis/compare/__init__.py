"""Two tables of runs beside each other: aligned, compared, and written down.

`comparison` puts the parts together: `selection` and `source` say which rows, `keys` and
`alignment` which belong together, `outcomes` which columns; `resampling` adds intervals to the
statistics of `regional_sim.numerics.statistics`; `tolerance` compares run by run;
`columns` and `writing` are for files.
"""
