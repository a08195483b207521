"""What people look at: tables of text, listings of what there is, figures.

Nothing here runs a model.  Modules are imported one by one, because a table of parameters should
not wait for Matplotlib.
"""
