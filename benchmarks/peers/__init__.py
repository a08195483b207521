"""The same model as a researcher would write it in plain Python, to compare speed against."""
