"""Every picture: what can be drawn from a finished folder, and how it looks.

`kinds.py` lists the kinds of pictures; `style.py` has what all of them share.
"""
